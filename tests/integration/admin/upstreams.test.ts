import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let team: Team;
let admin: { id: string; secret: string };
beforeAll(async () => {
  stack = await startStack();
  team = await stack.addTeam();
  admin = await stack.addAdmin();
});
afterAll(() => stack.close());

const ask = (method: string, path: string, json?: unknown) =>
  stack.ask(admin, method, `/admin/v1${path}`, json === undefined ? {} : { json });

test('an upstream that is drained takes no new videos, and follows its own', async () => {
  const once = { headers: { 'idempotency-key': 'before-the-drain' }, json: { prompt: 'a kite' } };
  const { id } = (await stack.ask(team, 'POST', '/v1/videos', once)).json;
  expect((await ask('GET', '/upstreams')).json.data).toMatchObject([
    { id: 'simulator', state: 'active', in_flight: 1, models: ['sora-2'] },
  ]);
  const drained = await ask('POST', '/upstreams/simulator/state', {
    state: 'draining',
    reason: 'a price rise',
  });
  expect(drained).toMatchObject({ status: 200, json: { state: 'draining', state_reason: 'a price rise' } });
  expect(await stack.create(team)).toMatchObject({
    status: 503,
    json: { error: { code: 'service_unavailable', param: 'model' } },
  });
  expect((await stack.ask(team, 'GET', '/v1/models/sora-2')).status).toBe(200);
  // Who had it before gets it again.
  expect(await stack.ask(team, 'POST', '/v1/videos', once)).toMatchObject({ status: 200, json: { id } });
  await vi.waitFor(
    async () => expect((await stack.ask(team, 'POST', '/v1/videos/quote', { json: {} })).status).toBe(503),
    { timeout: 10_000, interval: 500 },
  );
  await stack.startWorker();
  await vi.waitFor(
    async () => expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status).toBe('completed'),
    { timeout: 30_000 },
  );
  await ask('POST', '/upstreams/simulator/state', { state: 'active', reason: 'it was a rumour' });
  expect((await stack.create(team)).status).toBe(200);
  expect((await ask('GET', '/upstreams/nobody')).status).toBe(404);
});

test('orphans are listed and decided over', async () => {
  await stack.database.db.$client.query(
    `insert into upstream_orphans (account_id, upstream_id, snapshot) values ('simulator', 'video_a', '{"state":"succeeded"}'), ('simulator', 'video_b/..', '{}')`,
  );
  const first = (await ask('GET', '/orphans?limit=1')).json;
  expect(first).toMatchObject({ has_more: true, data: [{ upstream_video_id: 'video_a', state: 'seen' }] });
  const second = (await ask('GET', `/orphans?limit=1&after=${first.last_id}`)).json;
  expect(second).toMatchObject({ has_more: false, data: [{ upstream_video_id: 'video_b/..' }] });
  expect((await ask('POST', `/orphans/${second.last_id}/ignore`, { reason: 'a test' })).status).toBe(200);
  expect((await ask('GET', '/orphans?state=ignored')).json.data).toMatchObject([
    { upstream_video_id: 'video_b/..' },
  ]);
  expect((await ask('POST', '/orphans/orphan_nothing/ignore', { reason: 'x' })).status).toBe(400);
  const unstorable = `orphan_${Buffer.from('["simulator","\\u0000"]').toString('base64url')}`;
  expect((await ask('GET', `/orphans?after=${unstorable}`)).status).toBe(400);
  expect((await ask('POST', `/orphans/${unstorable}/ignore`, { reason: 'x' })).status).toBe(400);
  expect((await ask('GET', '/parked-reservations')).json.data).toEqual([]);
});

test('a moment that Postgres cannot hold is refused', async () => {
  for (const beyond of ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00%2B01:00', '9999-12-31T23:59:59-01:00'])
    expect([beyond, (await ask('GET', `/audit?from=${beyond}`)).status]).toEqual([beyond, 400]);
});

test('a video is looked at, held, deleted and restored, each act in its story', async () => {
  const { id } = (await stack.create(team)).json;
  const act = (path: string, json?: unknown) => ask('POST', `/videos/${id}/${path}`, json);
  expect((await act('poll')).status).toBe(200);
  await vi.waitFor(
    async () => expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status).toBe('completed'),
    { timeout: 30_000 },
  );
  expect((await act('poll')).status).toBe(409);
  expect((await act('hold', { reason: 'a lawsuit' })).json).toMatchObject({ hold: true });
  expect((await ask('DELETE', `/videos/${id}`)).status).toBe(200);
  expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).status).toBe(404);
  expect((await act('restore')).json).toMatchObject({ delete_requested_at: null });
  expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).status).toBe(200);
  expect((await act('unhold')).json).toMatchObject({ hold: false });
  expect((await act('release', { reason: 'x' })).status).toBe(409);
  expect((await act('settle', { cost_micro_usd: '1', reason: 'x' })).status).toBe(409);
});

test('an orphan is adopted', async () => {
  const made = await fetch(`${stack.simulator.baseUrl}/videos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sora-2', prompt: 'from before', seconds: '4', size: '720x1280' }),
  });
  const { id: upstreamVideoId } = (await made.json()) as { id: string };
  const adopted = await ask('POST', '/videos/adopt', {
    team_id: team.teamId,
    upstream_id: 'simulator',
    upstream_video_id: upstreamVideoId,
    reason: 'the backup was older',
  });
  expect(adopted).toMatchObject({
    status: 200,
    json: { prompt: 'from before', upstream_video_id: upstreamVideoId },
  });
  await vi.waitFor(
    async () =>
      expect((await stack.ask(team, 'GET', `/v1/videos/${adopted.json.id}`)).json.status).toBe('completed'),
    { timeout: 30_000 },
  );
});

test('calls that are held back show, and no longer once they work again', async () => {
  const breaker = async () => (await ask('GET', '/upstreams/simulator')).json.breaker;
  expect(await breaker()).toEqual({ state: 'closed', until: null, reason: null });
  await stack.simulator.control('PUT', 'defaults', { refuse: 500 });
  await vi.waitFor(
    async () => {
      // Until they are most of those that the gateway has made of late.
      await Promise.all(Array.from({ length: 12 }, () => stack.create(team)));
      // The worker's look for them fails as well: each process tells of its own.
      expect(await breaker()).toMatchObject({
        state: expect.stringMatching(/open/),
        until: expect.anything(),
        reason: 'held back because most failed: list, submit',
      });
    },
    { timeout: 20_000, interval: 300 },
  );
  const { attention } = (await ask('GET', '/overview')).json;
  expect(JSON.stringify(attention)).toContain('held back');
  await stack.simulator.control('PUT', 'defaults', {});
  await vi.waitFor(
    async () => {
      await stack.create(team);
      expect(await breaker()).toEqual({ state: 'closed', until: null, reason: null });
    },
    { timeout: 40_000, interval: 500 },
  );
});

test('an upstream without credit is shown, told to callers, and sent to again by an administrator', async () => {
  await stack.simulator.control('PUT', 'defaults', { refuse: 429, refuse_code: 'insufficient_quota' });
  expect((await stack.create(team)).json).toMatchObject({ status: 'queued' });
  const refused = await stack.create(team);
  expect(refused).toMatchObject({
    status: 503,
    headers: { 'x-should-retry': 'true', 'retry-after': expect.stringMatching(/^\d+$/) },
    json: {
      error: {
        type: 'server_error',
        code: 'service_unavailable',
        param: 'model',
        message: expect.stringMatching(/out of credit\. Nothing was created/),
      },
    },
  });
  expect((await ask('GET', '/upstreams/simulator')).json).toMatchObject({
    out_of_credit: true,
    breaker: { state: 'open', until: expect.anything(), reason: 'its account is out of credit' },
  });
  const { attention } = (await ask('GET', '/overview')).json;
  expect(JSON.stringify(attention)).toContain('out of credit');

  await stack.simulator.control('PUT', 'defaults', {});
  const resumed = await ask('POST', '/upstreams/simulator/state', { state: 'active', reason: 'topped up' });
  expect(resumed.json).toMatchObject({ out_of_credit: false, breaker: { state: 'closed' } });
  expect((await stack.create(team)).status).toBe(200);
});
