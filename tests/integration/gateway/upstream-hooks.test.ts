import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOOK, type Stack, startStack, type Team } from './gateway-process.ts';

let stack: Stack;
let team: Team;
beforeAll(async () => {
  stack = await startStack();
  team = await stack.addTeam();
});
afterAll(() => stack.close());

/** A render that is not due for an hour. */
async function rendering(): Promise<{ id: string; upstreamId: string }> {
  const { id } = (await stack.create(team, { prompt: 'a kite [[sim stuck]]' })).json;
  const { rows } = await stack.database.db.$client.query<{ upstream_id: string }>(
    `update videos set next_action_at = clock_timestamp() + interval '1 hour' where id = $1 returning upstream_id`,
    [id],
  );
  return { id, upstreamId: rows[0]?.upstream_id ?? '' };
}

const isDue = async (id: string) =>
  (
    await stack.database.db.$client.query<{ due: boolean }>(
      'select next_action_at <= clock_timestamp() as due from videos where id = $1',
      [id],
    )
  ).rows[0]?.due;

function post(
  body: string,
  options: { token?: string; id?: string; secret?: string; atSeconds?: number } = {},
): ReturnType<Stack['ask']> {
  const { token = HOOK.token, id = `msg_${randomUUID()}`, secret = HOOK.secret } = options;
  const timestamp = String(options.atSeconds ?? Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return stack.ask(null, 'POST', `/hooks/upstream/${token}`, {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
  });
}
const eventOf = (upstreamId: string) => JSON.stringify({ type: 'video.completed', data: { id: upstreamId } });

test('a signed one makes the render due at once, and says nothing of how it stands', async () => {
  const { id, upstreamId } = await rendering();
  expect((await post(eventOf(upstreamId))).status).toBe(204);
  expect(await isDue(id)).toBe(true);
  expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status).not.toBe('completed');
});

test('the same one again has no effect', async () => {
  const { id, upstreamId } = await rendering();
  const once = { id: 'msg_once' };
  await post(eventOf(upstreamId), once);
  await stack.database.db.$client.query(
    `update videos set next_action_at = clock_timestamp() + interval '1 hour' where id = $1`,
    [id],
  );
  const repeats = await Promise.all(Array.from({ length: 100 }, () => post(eventOf(upstreamId), once)));
  expect(new Set(repeats.map(({ status }) => status))).toEqual(new Set([204]));
  expect(await isDue(id)).toBe(false);
});

test('a forged, an old and a stranger’s one are refused without effect', async () => {
  const { id, upstreamId } = await rendering();
  const wrong = `whsec_${Buffer.alloc(24, 6).toString('base64')}`;
  expect((await post(eventOf(upstreamId), { secret: wrong })).status).toBe(401);
  expect((await post(eventOf(upstreamId), { atSeconds: Date.now() / 1000 - 3_600 })).status).toBe(401);
  const stranger = await post(eventOf(upstreamId), { token: 'another-token' });
  expect(stranger.status).toBe(404);
  expect(stranger.text).not.toContain('another-token');
  expect(await isDue(id)).toBe(false);
});

test('a video that is not ours, no JSON, and too much', async () => {
  expect((await post(eventOf('video_of_somebody'))).status).toBe(204);
  expect((await post('no json')).status).toBe(400);
  expect((await post(JSON.stringify({ data: {} }))).status).toBe(400);
  expect((await post(`{"data":{"id":"${'x'.repeat(70_000)}"}}`)).status).toBe(413);
});

test('its token is in no line of the log', () => {
  expect(stack.gateway.output()).toContain('upstream.hook');
  expect(stack.gateway.output()).not.toContain(HOOK.token);
});
