import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '@reelgate/embedded';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { noBrowser, startWorld, type World } from './world.ts';

const CLIENT = { id: 'reelgate', secret: 'a secret of at least thirty-two characters' };

let world: World;
let provider: { server: Server; issuer: string };

beforeAll(async () => {
  const port = await freePort();
  provider = await startProvider(`http://127.0.0.1:${port}/auth/callback/oidc`);
  const settings = {
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    OIDC_NAME: 'Acme',
  };
  world = await startWorld(settings, port);
});
afterAll(async () => {
  await world.close();
  provider.server.close();
});
beforeEach(() => world.stack.database.db.$client.query('delete from sign_in_attempts'));

/** A certified provider with its own pages to sign in; whoever types a name is that name at example.com. */
async function startProvider(redirectUri: string): Promise<{ server: Server; issuer: string }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const oidc = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    cookies: { keys: ['for this test'] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true, name: `Person ${id}` }),
    }),
  });
  server.on('request', oidc.callback());
  return { server, issuer };
}

const ask = (method: string, path: string, options = {}) => world.stack.ask(null, method, path, options);
const ours = () => ({ origin: world.origin, 'sec-fetch-site': 'same-origin' });

interface Walk {
  readonly next?: string;
  readonly again?: boolean;
  /** What the provider knows of the browser. */
  readonly jar?: Map<string, string>;
  /** Of who is signed in already. */
  readonly session?: string;
  /** What somebody who sits there does to the address of the provider's page. */
  readonly change?: (url: URL) => void;
}

/** Walks through the provider by HTTP, as a browser would, up to where it sends one back to the gateway. */
async function walk(login: string, { next = '/teams', again, jar = new Map(), session, change }: Walk = {}) {
  const headers = { ...ours(), ...(session && { cookie: session }) };
  const begun = await ask('POST', '/auth/oidc', { json: { next, ...(again && { again }) }, headers });
  let typed = false;
  expect(begun.status, begun.text).toBe(200);
  const cookie = cookiesOf(begun);
  const go = async (url: string, init: RequestInit = {}) => {
    const answer = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { ...init.headers, cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const one of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(one) ?? [];
      jar.set(name, value);
    }
    return answer;
  };
  const first = new URL(begun.json.url);
  change?.(first);
  let answer = await go(first.href);
  for (let step = 0; step < 12; step++) {
    const location = answer.headers.get('location');
    if (location?.startsWith(world.origin)) {
      return { callback: new URL(location), cookie, first, typed };
    }
    if (location) {
      answer = await go(new URL(location, provider.issuer).href);
      continue;
    }
    const page = await answer.text();
    const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
    typed ||= page.includes('name="login"');
    const body = page.includes('name="login"') ? `prompt=login&login=${login}&password=x` : 'prompt=consent';
    answer = await go(new URL(action, provider.issuer).href, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
  }
  throw new Error('the provider never sent us back');
}

function cookiesOf(answer: { headers: Record<string, string | string[] | undefined> }): string {
  return [answer.headers['set-cookie'] ?? []]
    .flat()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

const finish = (callback: URL, cookie: string) =>
  ask('GET', `${callback.pathname}${callback.search}`, { headers: { cookie } });
const sessionOf = async (cookie: string) =>
  (await ask('GET', '/auth/session', { headers: { cookie } })).json.session;

describe('with the company’s provider', () => {
  test('somebody new is a member of no team, and gets where they wanted to', async () => {
    const { callback, cookie, first } = await walk('alice', { next: '/teams?range=7d' });
    expect(first.searchParams.get('code_challenge_method')).toBe('S256');
    expect(first.searchParams.get('nonce')).toBeTruthy();
    const answer = await finish(callback, cookie);
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe('/teams?range=7d');
    const session = await sessionOf(cookiesOf(answer));
    expect(session).toMatchObject({
      user: { email: 'alice@example.com', name: 'Person alice' },
      role: 'member',
      teams: [],
    });
  });

  test('the provider’s tokens are not kept', async () => {
    const { callback, cookie } = await walk('bob');
    await finish(callback, cookie);
    const { rows } = await world.stack.database.db.$client.query(
      "select access_token, refresh_token, id_token from user_accounts where account_id = 'bob'",
    );
    expect(rows).toEqual([{ access_token: null, refresh_token: null, id_token: null }]);
  });

  test('somebody whom an admin has added finds their role and their team', async () => {
    const team = await world.stack.addTeam();
    await world.addUser({ name: 'carol', role: 'manager', teamIds: [team.teamId] });
    const { callback, cookie } = await walk('carol');
    const session = await sessionOf(cookiesOf(await finish(callback, cookie)));
    expect(session).toMatchObject({ role: 'manager', teams: [{ id: team.teamId }] });
  });

  test('somebody who is disabled is not let in', async () => {
    const { id } = await world.addUser({ name: 'dave', role: 'member' });
    await world.stack.database.db.$client.query('update users set disabled_at = now() where id = $1', [id]);
    const { callback, cookie } = await walk('dave');
    const answer = await finish(callback, cookie);
    expect(answer.headers.location).toMatch(/^\/sign-in\?error=/);
    expect(await sessionOf(cookiesOf(answer))).toBeNull();
  });
});

describe('an answer of the provider', () => {
  test('is good once', async () => {
    const { callback, cookie } = await walk('erin');
    expect((await finish(callback, cookie)).headers.location).toBe('/teams');
    const again = await finish(callback, cookie);
    expect(again.headers.location).toContain('error=');
    expect(await sessionOf(cookiesOf(again))).toBeNull();
  });

  test('is good only in the browser that began', async () => {
    const { callback } = await walk('frank');
    const elsewhere = await finish(callback, '');
    expect(elsewhere.headers.location).toContain('error=');
    expect(await sessionOf(cookiesOf(elsewhere))).toBeNull();
  });

  test('with another state, another code or another issuer is refused', async () => {
    const changes: [string, string][] = [
      ['state', 'x'.repeat(32)],
      ['code', 'not-a-code'],
      ['iss', 'https://evil.example'],
    ];
    for (const [name, value] of changes) {
      const { callback, cookie } = await walk('grace');
      callback.searchParams.set(name, value);
      const answer = await finish(callback, cookie);
      expect(answer.headers.location, name).toContain('error=');
      expect(await sessionOf(cookiesOf(answer)), name).toBeNull();
    }
  });

  test('whose nonce is not the one that we sent is refused', async () => {
    const { callback, cookie } = await walk('heidi');
    await world.stack.database.db.$client.query(
      `update sign_in_verifications set value = regexp_replace(value, '"idTokenNonce":"[^"]+"', '"idTokenNonce":"another"')`,
    );
    const answer = await finish(callback, cookie);
    expect(answer.headers.location).toContain('error=');
    expect(await sessionOf(cookiesOf(answer))).toBeNull();
  });

  test('never leads anywhere but to a page of ours', async () => {
    const { callback, cookie } = await walk('ivan', { next: '//evil.example/x' });
    expect((await finish(callback, cookie)).headers.location).toBe('/');
  });
});

describe('to hand out a secret', () => {
  const key = async (cookie: string) =>
    (await ask('POST', '/admin/v1/keys', { headers: { ...ours(), cookie }, json: {} })).json.error.code;
  const signIn = async (login: string, how: Walk = {}) => {
    const { callback, cookie, first, typed } = await walk(login, how);
    return { session: cookiesOf(await finish(callback, cookie)), first, typed };
  };
  /** Whoever has signed in at the provider 20 minutes ago, and since then nowhere. */
  async function longSignedIn(name: string): Promise<Map<string, string>> {
    await world.addUser({ name, role: 'manager' });
    const jar = new Map<string, string>();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 20 * 60_000 });
    try {
      await walk(name, { jar });
    } finally {
      vi.useRealTimers();
    }
    return jar;
  }

  test('a sign-in is recent only where the provider has just asked', async () => {
    const jar = await longSignedIn('kim');
    const silent = await signIn('kim', { jar });
    expect(silent.typed).toBe(false);
    expect(await key(silent.session)).toBe('recent_sign_in_required');

    const again = await signIn('kim', { jar, again: true, session: silent.session });
    expect(again.typed).toBe(true);
    expect(again.first.searchParams.get('login_hint')).toBe('kim@example.com');
    expect(await key(again.session)).toBe('missing_required_parameter');

    // The first sign-in of the day is one, too.
    await world.addUser({ name: 'leo', role: 'manager' });
    expect(await key((await signIn('leo')).session)).toBe('missing_required_parameter');
  });

  test('whoever takes the question out of the address is not taken for asked', async () => {
    const jar = await longSignedIn('mia');
    for (const names of [['prompt'], ['prompt', 'max_age']]) {
      const change = (url: URL) => {
        for (const name of names) url.searchParams.delete(name);
        if (names.length === 1) url.searchParams.set('max_age', '100000');
      };
      const { session, typed } = await signIn('mia', { jar, again: true, change });
      expect(typed).toBe(false);
      expect(await sessionOf(session)).not.toBeNull();
      expect(await key(session)).toBe('recent_sign_in_required');
    }
  });
});

test.skipIf(noBrowser !== null)('a browser goes to the provider and comes back', async () => {
  const { page } = await world.visit();
  await page.goto('/teams');
  await page.getByRole('button', { name: 'Continue with Acme' }).click();
  await page.locator('input[name=login]').fill('judy');
  await page.locator('input[name=password]').fill('x');
  await page.locator('button[type=submit]').click();
  await page.locator('button[type=submit]').click();
  await page.getByRole('heading', { name: 'Teams and quotas' }).waitFor();
  await page.getByText('No team yet').waitFor();
});
