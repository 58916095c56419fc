import { ADMIN_OPERATIONS } from '@reelgate/contract/admin';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { noBrowser, PASSWORD, startWorld, type World } from './world.ts';

let world: World;
let admin: { id: string; email: string };
beforeAll(async () => {
  world = await startWorld();
  admin = await world.addUser({ name: 'Ada Admin', role: 'admin' });
});
afterAll(() => world.close());
// All of them come from one address.
beforeEach(() => world.stack.database.db.$client.query('delete from sign_in_attempts'));

const ours = () => ({ origin: world.origin, 'sec-fetch-site': 'same-origin' });
const post = (path: string, json: unknown, headers: Record<string, string> = ours()) =>
  world.stack.ask(null, 'POST', path, { json, headers });

/** The session's cookie, as a browser would send it back. */
async function signIn(email = admin.email, password = PASSWORD, headers = {}): Promise<string> {
  const answer = await post('/auth/sign-in', { email, password }, { ...ours(), ...headers });
  expect(answer.status, answer.text).toBe(200);
  return cookieOf(answer);
}

function cookieOf(answer: { headers: Record<string, string | string[] | undefined> }): string {
  const cookies = [answer.headers['set-cookie'] ?? []].flat();
  return cookies.map((cookie) => cookie.split(';', 1)[0]).join('; ');
}

const sessionOf = async (cookie: string) =>
  (await world.stack.ask(null, 'GET', '/auth/session', { headers: { cookie } })).json.session;
const me = (cookie: string) => world.stack.ask(null, 'GET', '/admin/v1/me', { headers: { cookie } });

describe('a session', () => {
  test('begins with the right password, in a cookie that scripts and other sites do not get', async () => {
    const answer = await post('/auth/sign-in', { email: admin.email, password: PASSWORD });
    const cookie = [answer.headers['set-cookie'] ?? []]
      .flat()
      .find((one) => one.startsWith('reelgate_session='));
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(cookie).toContain('Max-Age=43200');
    expect(answer.text).not.toContain('token');
    const session = await sessionOf(cookieOf(answer));
    expect(session).toMatchObject({ user: { email: admin.email }, role: 'admin', teams: [] });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('does not begin with a wrong password, and does not tell whether there is such a person', async () => {
    const wrong = await post('/auth/sign-in', { email: admin.email, password: 'wrong horse battery staple' });
    const nobody = await post('/auth/sign-in', { email: 'nobody@example.com', password: PASSWORD });
    expect(wrong.status).toBe(401);
    expect(wrong.json.error.code).toBe('wrong_credentials');
    expect(nobody.json).toEqual(wrong.json);
    expect(wrong.headers['set-cookie']).toBeUndefined();
  });

  test('is a new one at each sign-in: one that was put under somebody is worth nothing', async () => {
    const planted = await signIn();
    const own = await signIn(admin.email, PASSWORD, { cookie: planted });
    expect(own).not.toBe(planted);
    expect(own).not.toBe('');
  });

  test('is worth nothing once it is signed out', async () => {
    const cookie = await signIn();
    expect((await me(cookie)).status).toBe(200);
    const answer = await world.stack.ask(null, 'POST', '/auth/sign-out', { headers: { ...ours(), cookie } });
    expect(answer.status).toBe(200);
    expect((await me(cookie)).status).toBe(401);
    expect(await sessionOf(cookie)).toBeNull();
  });

  test('and all of a person end at once', async () => {
    const cookies = [await signIn(), await signIn()];
    await world.stack.ask(null, 'POST', '/auth/sign-out-everywhere', {
      headers: { ...ours(), cookie: cookies[0] ?? '' },
    });
    for (const cookie of cookies) expect((await me(cookie)).status).toBe(401);
  });

  test('ends after an hour without use, and after twelve hours however it is used', async () => {
    const { $client } = world.stack.database.db;
    const [idle, old] = [await signIn(), await signIn()];
    const move = (column: string, seconds: number, cookie: string) =>
      $client.query(
        `update user_sessions set ${column} = ${column} - make_interval(secs => $1) where token = $2`,
        [seconds, decodeURIComponent(cookie).split('=')[1]?.split('.')[0]],
      );
    expect((await move('last_seen_at', 3_590, idle)).rowCount).toBe(1);
    expect((await me(idle)).status).toBe(200);
    await move('last_seen_at', 3_610, idle);
    expect((await me(idle)).status).toBe(401);
    await move('expires_at', 43_190, old);
    expect((await me(old)).status).toBe(200);
    await move('expires_at', 20, old);
    expect((await me(old)).status).toBe(401);
  });

  test('that began more than 15 minutes ago hands out no secret and raises no limit', async () => {
    const cookie = await signIn();
    const ask = async (
      path: string,
      method = 'POST',
      headers: Record<string, string> = { ...ours(), cookie },
    ) => {
      const answer = await world.stack.ask(
        null,
        method,
        `/admin/v1${path.replaceAll(/\{\w+\}/g, 'nobody')}`,
        {
          headers,
          ...(method !== 'DELETE' && { json: {} }),
        },
      );
      return answer.json.error?.code ?? answer.status;
    };
    const operations = Object.values(ADMIN_OPERATIONS);
    const guarded = operations.filter((operation) => 'recentSignIn' in operation);
    expect(guarded.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/keys', '/admin-keys', '/quotas', '/grants', '/prices', '/users/{user_id}']),
    );
    for (const { path, method } of guarded) {
      expect(await ask(path, method.toUpperCase()), path).not.toBe('recent_sign_in_required');
    }
    await world.stack.database.db.$client.query(
      "update user_sessions set identified_at = identified_at - interval '16 minutes'",
    );
    for (const { path, method } of guarded) {
      expect(await ask(path, method.toUpperCase()), path).toBe('recent_sign_in_required');
    }
    // To look, and to stop something, it is enough; and whoever holds a key of the Admin API is asked for nothing.
    expect((await me(cookie)).status).toBe(200);
    expect(await ask('/keys/nobody/revoke')).toBe('key_not_found');
    const { secret } = await world.stack.addAdmin();
    expect(await ask('/keys', 'POST', { authorization: `Bearer ${secret}` })).toBe(
      'missing_required_parameter',
    );
    expect(await ask('/keys', 'POST', { ...ours(), cookie: await signIn() })).toBe(
      'missing_required_parameter',
    );
  });

  test('ends with the person’s right to sign in', async () => {
    const user = await world.addUser({ name: 'Dora Disabled', role: 'member' });
    const cookie = await signIn(user.email);
    await world.stack.database.db.$client.query('update users set disabled_at = now() where id = $1', [
      user.id,
    ]);
    expect((await me(cookie)).status).toBe(401);
    expect((await post('/auth/sign-in', { email: user.email, password: PASSWORD })).status).toBe(401);
  });

  test('of somebody else cannot be made from the database alone, nor by changing the cookie', async () => {
    const cookie = await signIn();
    const { rows } = await world.stack.database.db.$client.query('select token from user_sessions limit 1');
    expect((await me(`reelgate_session=${rows[0].token}`)).status).toBe(401);
    expect((await me(cookie.slice(0, -4))).status).toBe(401);
    expect((await me(cookie.replace('=', '=a'))).status).toBe(401);
  });

  test('is worth nothing at the API of the teams', async () => {
    const answer = await world.stack.ask(null, 'GET', '/v1/videos', { headers: { cookie: await signIn() } });
    expect(answer.status).toBe(401);
  });

  test('changes its password with the one before, and puts the other browsers out', async () => {
    const user = await world.addUser({ name: 'Chris Changes', role: 'member' });
    const [own, other] = [await signIn(user.email), await signIn(user.email)];
    const change = (current_password: string, new_password: string) =>
      world.stack.ask(null, 'POST', '/auth/password', {
        headers: { ...ours(), cookie: own },
        json: { current_password, new_password },
      });
    expect((await change('not the password', 'another horse entirely')).json.error.param).toBe(
      'current_password',
    );
    expect((await change(PASSWORD, 'short')).status).toBe(400);
    expect((await change(PASSWORD, 'another horse entirely')).status).toBe(200);
    expect((await me(other)).status).toBe(401);
    expect((await me(own)).status).toBe(200);
    await signIn(user.email, 'another horse entirely');
  });
});

describe('a guesser', () => {
  test('must wait after ten tries at one account, whatever is tried then', async () => {
    const user = await world.addUser({ name: 'Gus Guessed', role: 'member' });
    const tries = [];
    for (let i = 0; i < 10; i++) {
      tries.push((await post('/auth/sign-in', { email: user.email, password: `guess ${i}` })).status);
    }
    expect(new Set(tries)).toEqual(new Set([401]));
    const eleventh = await post('/auth/sign-in', { email: user.email.toUpperCase(), password: PASSWORD });
    expect(eleventh.status).toBe(429);
    expect(Number(eleventh.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('a request that another site makes a browser send', () => {
  const elsewhere: [name: string, headers: Record<string, string>][] = [
    ['a cross-site form', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sibling host', { origin: 'http://evil.127.0.0.1', 'sec-fetch-site': 'same-site' }],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['our origin, but the browser says cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['no word of where it comes from', {}],
    [
      'an origin that only begins like ours',
      { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1.evil.example' },
    ],
  ];

  test.each(elsewhere)('%s changes nothing', async (_, given) => {
    const cookie = await signIn();
    const headers = {
      ...('origin' in given || Object.keys(given).length === 0 ? {} : { origin: world.origin }),
      ...given,
      cookie,
    };
    const before = await world.stack.database.db.$client.query('select count(*)::int as n from teams');
    for (const [method, path, json] of [
      ['POST', '/admin/v1/teams', { name: 'forged' }],
      ['DELETE', `/admin/v1/teams/team_x/members/user_x`, undefined],
      ['POST', '/auth/sign-out', {}],
      ['POST', '/auth/sign-out-everywhere', {}],
    ] as const) {
      const answer = await world.stack.ask(null, method, path, { headers, ...(json && { json }) });
      expect([403, 404], `${method} ${path}: ${answer.text}`).toContain(answer.status);
      if (path.startsWith('/auth')) expect(answer.status).toBe(403);
    }
    const after = await world.stack.database.db.$client.query('select count(*)::int as n from teams');
    expect(after.rows[0].n).toBe(before.rows[0].n);
    expect((await me(cookie)).status).toBe(200);
  });

  test('is refused as well where it wants to sign somebody in, and where it hides JSON in a form', async () => {
    const credentials = { email: admin.email, password: PASSWORD };
    expect((await post('/auth/sign-in', credentials, { origin: 'https://evil.example' })).status).toBe(403);
    const asText = await world.stack.ask(null, 'POST', '/auth/sign-in', {
      body: JSON.stringify(credentials),
      headers: { ...ours(), 'content-type': 'text/plain' },
    });
    expect(asText.status).toBe(415);
  });
});

describe('the pages', () => {
  test('carry a policy without any inline script, and cannot be framed', async () => {
    const answers = [];
    for (const path of ['/', '/sign-in', '/videos/video_x'])
      answers.push(await world.stack.ask(null, 'GET', path));
    for (const { headers, text, status } of answers) {
      expect(status).toBe(200);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
    }
    const nonces = answers.map(({ text }) => /nonce="([^"]+)"/.exec(text)?.[1]);
    expect(new Set(nonces).size).toBe(answers.length);
  });

  test('never stand in for what is not there', async () => {
    for (const path of [
      '/v1/nothing',
      '/admin/v1/nothing',
      '/admin/nothing',
      '/health/nothing',
      '/.env',
      '/assets/nothing.js',
      '/V1/videos',
    ]) {
      const answer = await world.stack.ask(null, 'GET', path);
      expect(answer.status, path).toBeGreaterThanOrEqual(401);
      expect(answer.headers['content-type'], path).toContain('application/json');
    }
  });

  test('keep their files for ever, compressed', async () => {
    const page = await world.stack.ask(null, 'GET', '/');
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page.text)?.[1] ?? '';
    const answer = await world.stack.ask(null, 'GET', script, { headers: { 'accept-encoding': 'gzip, br' } });
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.headers['content-encoding']).toBe('br');
    expect(answer.headers['content-type']).toContain('text/javascript');
    expect(page.headers['cache-control']).toBe('no-cache');
  });
});

describe.skipIf(noBrowser !== null)('in a browser', () => {
  test('one signs in, gets where one wanted to, and out again', async () => {
    const { page, signIn: _, complaints } = await world.visit();
    await page.goto('/teams?range=7d');
    await page.waitForURL(/\/sign-in/);
    await page.getByLabel('E-mail').fill(admin.email);
    await page.getByLabel('Password').fill('not this');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('wrong').waitFor();
    complaints.length = 0;
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Teams and quotas' }).waitFor();
    expect(page.url()).toBe(`${world.origin}/teams?range=7d`);
    await page.getByRole('button', { name: /Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/\/sign-in/);
    await page.goto('/teams');
    await page.waitForURL(/\/sign-in/);
    expect(complaints.filter((text) => /Content Security Policy|Error:/.test(text))).toEqual([]);
  });

  test.each(['//evil.example', '/v1/videos'])('nobody is sent to %s after it', async (next) => {
    const { page, context } = await world.visit();
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await page.getByLabel('E-mail').fill(admin.email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(page.url()).toBe(`${world.origin}/`);
    await context.close();
  });

  test('a session that has ended leads to the sign-in and back', async () => {
    const { page, signIn: signInHere } = await world.visit();
    await signInHere(admin.email);
    await page.goto('/audit');
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    // What this page still asks for would otherwise be the first to meet the end.
    await page.waitForLoadState('networkidle');
    await world.stack.database.db.$client.query(
      "update user_sessions set last_seen_at = now() - interval '2 hours'",
    );
    await page.getByRole('link', { name: 'Teams & quotas' }).click();
    await page.getByText('Your session has ended').waitFor();
    await page.getByLabel('E-mail').fill(admin.email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Teams and quotas' }).waitFor();
  });
});
