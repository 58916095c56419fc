/** Links that show one video without a key, until they end, are revoked, or the video is deleted. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let admin: { secret: string };
let team: Team;
beforeAll(async () => {
  stack = await startStack();
  admin = await stack.addAdmin();
  team = await stack.addTeam(50_000_000n);
  await stack.startWorker();
});
afterAll(() => stack.close());

const ask = async (method: string, path: string, json?: unknown, who = admin) =>
  await stack.ask(who, method, `/admin/v1${path}`, json === undefined ? {} : { json });
const follow = async (url: string, headers: Record<string, string> = {}) =>
  await stack.ask(null, 'GET', new URL(url).pathname, { headers });
const query = async (text: string, values: unknown[] = []) =>
  (await stack.database.db.$client.query(text, values)).rows;

async function stored(): Promise<string> {
  const id = (await stack.create(team)).json.id as string;
  await vi.waitFor(
    async () => expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status).toBe('completed'),
    { timeout: 30_000, interval: 200 },
  );
  return id;
}

test('a link shows its video and its ranges to whoever has it, and the database does not have the link', async () => {
  const id = await stored();
  const content = await stack.ask(team, 'GET', `/v1/videos/${id}/content`);
  const made = await ask('POST', `/videos/${id}/share-links`, {});
  expect(made).toMatchObject({
    status: 200,
    json: { object: 'share_link', video_id: id, variant: 'video', revoked_at: null },
  });
  const days = (Date.parse(made.json.expires_at) - Date.parse(made.json.created_at)) / 86_400_000;
  expect(days).toBeCloseTo(7, 2);
  const whole = await follow(made.json.url);
  expect(whole).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'video/mp4',
      'content-disposition': 'inline',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      etag: content.headers.etag,
    },
  });
  expect(whole.text).toBe(content.text);
  const part = await follow(made.json.url, { range: 'bytes=4-7' });
  expect([part.status, part.text]).toEqual([206, 'ftyp']);

  const token = new URL(made.json.url).pathname.split('/').at(-1) ?? '';
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  expect(JSON.stringify(await query('select * from share_links'))).not.toContain(token);
  expect(JSON.stringify(await query('select * from audit_log'))).not.toContain(token);
  const listed = await ask('GET', `/videos/${id}/share-links`);
  expect(listed.json.data).toMatchObject([{ id: made.json.id }]);
  expect(listed.text).not.toContain(token);
  expect(await query('select action from audit_log where target = $1', [made.json.id])).toEqual([
    { action: 'share_link.create' },
  ]);
});

test('a link that is unknown, over or revoked, or whose video is deleted, is answered in the same words', async () => {
  const id = await stored();
  const make = async () => (await ask('POST', `/videos/${id}/share-links`, {})).json;
  const [over, revoked, live] = [await make(), await make(), await make()];
  await query("update share_links set expires_at = now() - interval '1 second' where id = $1", [over.id]);
  const answer = await ask('POST', `/share-links/${revoked.id}/revoke`);
  expect(answer).toMatchObject({ status: 200, json: { revoked_at: expect.any(String) } });
  expect((await follow(live.url)).status).toBe(200);
  expect((await stack.ask(team, 'DELETE', `/v1/videos/${id}`)).status).toBe(200);
  const unknown = await follow('http://localhost/share/nothing');
  expect([unknown.status, unknown.json.error.code]).toEqual([404, 'link_not_valid']);
  for (const link of [over, revoked, live]) {
    const refused = await follow(link.url);
    expect([refused.status, refused.text]).toEqual([404, unknown.text]);
  }
});

test('only whoever administers the team makes and revokes its links, and no link is for ever', async () => {
  const id = await stored();
  const { id: link } = (await ask('POST', `/videos/${id}/share-links`, {})).json;
  const manager = await stack.addAdmin('manager', [(await stack.addTeam()).teamId]);
  const member = await stack.addAdmin('member', [team.teamId]);
  expect((await ask('POST', `/videos/${id}/share-links`, {}, manager)).status).toBe(404);
  expect((await ask('GET', `/videos/${id}/share-links`, undefined, manager)).status).toBe(404);
  expect((await ask('POST', `/share-links/${link}/revoke`, undefined, manager)).status).toBe(404);
  expect((await ask('POST', `/videos/${id}/share-links`, {}, member)).status).toBe(403);
  expect((await ask('GET', `/videos/${id}/share-links`, undefined, member)).status).toBe(200);
  for (const days of [-1, 91]) {
    const expiresAt = new Date(Date.now() + days * 86_400_000).toISOString();
    const refused = await ask('POST', `/videos/${id}/share-links`, { expires_at: expiresAt });
    expect([refused.status, refused.json.error.param]).toEqual([400, 'expires_at']);
  }
});
