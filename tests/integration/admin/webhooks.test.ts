/** Webhook endpoints of every team, for administrators within their scope, each change on record. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { ok, type Receiver, startReceiver } from '../webhooks/receivers.ts';

let stack: Stack;
let receiver: Receiver;
let team: Team;
let admin: { secret: string };
beforeAll(async () => {
  stack = await startStack({ env: { WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8' } });
  receiver = await startReceiver(ok);
  team = await stack.addTeam();
  admin = await stack.addAdmin();
  await stack.startWorker();
});
afterAll(async () => {
  await receiver.close();
  await stack.close();
});

const ask = async (method: string, path: string, json?: unknown, who: { secret: string } = admin) => {
  const answer = await stack.ask(who, method, `/admin/v1${path}`, json === undefined ? {} : { json });
  return { status: answer.status, ...answer.json };
};

test('from its registration to its removal', async () => {
  const created = await ask('POST', '/webhook-endpoints', {
    team_id: team.teamId,
    url: receiver.url,
    name: 'desk',
  });
  expect(created).toMatchObject({
    status: 200,
    team: { id: team.teamId },
    state: 'enabled',
    event_types: ['video.completed', 'video.failed'],
    secret: expect.stringMatching(/^whsec_/),
  });
  const path = `/webhook-endpoints/${created.id}`;
  expect(await ask('GET', path)).not.toHaveProperty('secret');
  expect(await ask('POST', `${path}/test?event_type=video.failed`)).toMatchObject({ status: 204 });
  await stack.database.db.$client.query(`select emit_event($1, 'video.failed', null, '{"id":"video_1"}')`, [
    team.teamId,
  ]);
  const [delivery] = await vi.waitUntil(
    async () => {
      const { data } = await ask('GET', `/deliveries?endpoint_id=${created.id}&state=delivered`);
      return data.length > 0 ? data : false;
    },
    { timeout: 30_000 },
  );
  expect(delivery).toMatchObject({ event_type: 'video.failed', attempts: 1, last_status: 204 });
  const detail = await ask('GET', `/deliveries/${delivery.id}`);
  expect(JSON.parse(detail.request_body)).toMatchObject({ data: { id: 'video_1' } });
  expect(detail.attempt_list).toMatchObject([{ no: 1, status: 204, url: receiver.url }]);
  expect(await ask('POST', `/deliveries/${delivery.id}/replay`)).toMatchObject({ replay_of: delivery.id });
  expect(await ask('GET', path)).toMatchObject({
    deliveries_last_24_hours: expect.any(Number),
    failures_last_24_hours: 0,
  });
  const changed = await ask('PATCH', path, { enabled: false, name: null });
  expect(changed).toMatchObject({ state: 'disabled_user', name: null });
  expect((await ask('PATCH', path, { enabled: true, version: created.version })).status).toBe(409);
  expect(await ask('PATCH', path, { enabled: true, version: changed.version })).toMatchObject({
    state: 'enabled',
  });
  expect(await ask('POST', `${path}/rotate`)).toMatchObject({ rotating_until: expect.any(String) });
  expect(await ask('POST', `${path}/rotate?emergency=true`)).toMatchObject({ rotating_until: null });
  expect(await ask('POST', `${path}/replay`, { since: '2020-01-01T00:00:00Z', dry_run: true })).toMatchObject(
    {
      count: 0,
      dry_run: true,
    },
  );
  expect(await ask('POST', `${path}/replay`, { since: '2020-01-01T00:00:00Z' })).toMatchObject({ count: 0 });
  expect(await ask('DELETE', path)).toMatchObject({ object: 'done', id: created.id });
  expect((await ask('GET', path)).status).toBe(404);
  const { data: rows } = await ask('GET', `/audit?target=${created.id}&limit=50`);
  expect(
    rows.map((row: { action: string }) => row.action.replace('webhook_endpoint.', '')).toSorted(),
  ).toEqual([
    'create',
    'delete',
    'replay',
    'replay',
    'replay',
    'rotate_secret',
    'rotate_secret',
    'test',
    'update',
    'update',
  ]);
  expect(JSON.stringify(rows)).not.toContain('whsec_');
});

test("the organization's own endpoint is told of every team, and is an admin's alone", async () => {
  const manager = await stack.addAdmin('manager', [team.teamId]);
  const url = receiver.url;
  expect((await ask('POST', '/webhook-endpoints', { team_id: 'org', url }, manager)).status).toBe(404);
  const created = await ask('POST', '/webhook-endpoints', {
    team_id: 'org',
    url,
    event_types: ['quota.exhausted'],
  });
  expect(created).toMatchObject({ team: { id: 'org' } });
  expect((await ask('GET', `/webhook-endpoints/${created.id}`, undefined, manager)).status).toBe(404);
  const another = await stack.addTeam();
  const before = receiver.received.length;
  for (const { teamId } of [team, another])
    await stack.database.db.$client.query(`select emit_event($1, 'quota.exhausted', null, '{"id":"q"}')`, [
      teamId,
    ]);
  await vi.waitUntil(() => receiver.received.length === before + 2, { timeout: 30_000 });
  expect((await ask('GET', `/deliveries?endpoint_id=${created.id}`, undefined, manager)).data).toEqual([]);
  expect((await ask('GET', `/deliveries?endpoint_id=${created.id}`)).data).toHaveLength(2);
  await ask('DELETE', `/webhook-endpoints/${created.id}`);
});

test("a manager sees and changes its own teams' endpoints only", async () => {
  const another = await stack.addTeam();
  const theirs = await ask('POST', '/webhook-endpoints', { team_id: another.teamId, url: receiver.url });
  const manager = await stack.addAdmin('manager', [team.teamId]);
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['PATCH', '', { enabled: false }],
    ['DELETE', '', undefined],
    ['POST', '/rotate', undefined],
    ['POST', '/test', undefined],
    ['POST', '/replay', { since: '2020-01-01T00:00:00Z' }],
  ] as const) {
    expect((await ask(method, `/webhook-endpoints/${theirs.id}${path}`, body, manager)).status).toBe(404);
  }
  expect((await ask('GET', '/webhook-endpoints', undefined, manager)).data).toEqual([]);
});
