/** Every kind of receiver ends as designed, and none of them keeps the others waiting. */
import { deleteWebhookEndpoint, updateWebhookEndpoint } from '@reelgate/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DeliveryWorld, startDeliveryWorld } from './delivery-world.ts';
import {
  endlessBody,
  gzipBomb,
  ok,
  type Receiver,
  startRawReceiver,
  startReceiver,
  tenMegabytes,
} from './receivers.ts';

let world: DeliveryWorld;
const receivers: Receiver[] = [];

beforeAll(async () => {
  world = await startDeliveryWorld();
  world.start();
});
afterEach(async () => {
  await world.query("update webhook_endpoints set state = 'disabled_user'");
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});
afterAll(() => world.close());

async function receiver(...how: Parameters<typeof startReceiver>): Promise<Receiver> {
  const started = await startReceiver(...how);
  receivers.push(started);
  return started;
}

async function rawReceiver(...how: Parameters<typeof startRawReceiver>): Promise<Receiver> {
  const started = await startRawReceiver(...how);
  receivers.push(started);
  return started;
}

/** The delivery once an attempt of it is on record. */
const attempted = (endpointId: string, no = 1) =>
  world.until(async () => {
    const [delivery] = await world.deliveries(endpointId);
    return delivery?.outcome && delivery.attempt_no >= no ? delivery : false;
  });

test('a receiver that answers is told within moments of the commit, once', async () => {
  const honest = await receiver(ok);
  const { id } = await world.endpoint(honest.url);
  const startedAt = performance.now();
  await world.emit('quota_1');
  await world.until(() => honest.received.length === 1);
  expect((honest.received[0]?.atMs ?? 0) - startedAt).toBeLessThan(2_000);
  expect(await attempted(id)).toMatchObject({ state: 'delivered', attempt_no: 1, status: 204 });
  const [attempt] = await world.query(
    'select request_headers, response_headers, resolved_ip, a.url from webhook_attempts a join webhook_deliveries d on d.id = a.delivery_id where d.endpoint_id = $1',
    [id],
  );
  expect(attempt).toMatchObject({
    url: honest.url,
    resolved_ip: '127.0.0.1',
    request_headers: { 'webhook-id': honest.received[0]?.headers['webhook-id'] },
    response_headers: { connection: 'close' },
  });
});

test('a receiver that fails is tried again under the same id until it answers', async () => {
  const flaky = await receiver((response, count) => void response.writeHead(count < 4 ? 500 : 200).end());
  const { id } = await world.endpoint(flaky.url);
  await world.emit('quota_1');
  for (const [no, minMs, maxMs] of [
    [1, 4_000, 6_000],
    [2, 48_000, 72_000],
    [3, 240_000, 360_000],
  ] as const) {
    const failed = await attempted(id, no);
    expect(failed).toMatchObject({ state: 'pending', outcome: 'refused', status: 500 });
    expect(failed.wait_ms).toBeGreaterThan(minMs - 1_000);
    expect(failed.wait_ms).toBeLessThan(maxMs);
    await world.hurry(id);
  }
  await world.until(async () => (await world.deliveries(id))[0]?.state === 'delivered');
  expect(new Set(flaky.received.map((one) => one.headers['webhook-id'])).size).toBe(1);
  expect(new Set(flaky.received.map((one) => one.body)).size).toBe(1);
  expect(
    await world.query('select failing_since, consecutive_failures from webhook_endpoints where id = $1', [
      id,
    ]),
  ).toEqual([{ failing_since: null, consecutive_failures: 0 }]);
});

describe('a receiver that', () => {
  const elsewhere = 'http://127.0.0.1:9/';
  test.each<[string, Parameters<typeof startReceiver>[0], object]>([
    [
      'redirects',
      (r) => void r.writeHead(302, { location: elsewhere }).end(),
      { status: 302, outcome: 'refused' },
    ],
    ['streams for ever', endlessBody, { state: 'delivered', status: 200 }],
    ['answers 10 MB', tenMegabytes, { state: 'delivered', status: 200 }],
    ['answers a gzip bomb', gzipBomb, { state: 'delivered', status: 200 }],
    ['hangs', () => {}, { state: 'pending', outcome: 'timeout' }],
    ['resets', (r) => void r.socket?.resetAndDestroy(), { state: 'pending', outcome: 'connection_reset' }],
    ['refuses', (r) => void r.writeHead(403).end('no'), { state: 'pending', status: 403 }],
  ])('%s ends as designed and frees its place', async (_what, answer, expected) => {
    const hostile = await receiver(answer);
    const { id } = await world.endpoint(hostile.url);
    const before = process.memoryUsage().rss;
    await world.emit('quota_1');
    expect(await attempted(id)).toMatchObject(expected);
    await world.until(() => hostile.openSockets() === 0);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });

  test('speaks no HTTP is a failure', async () => {
    const garbled = await rawReceiver((socket) => socket.write('hello\r\n\r\n'));
    const { id } = await world.endpoint(garbled.url);
    await world.emit('quota_1');
    expect(await attempted(id)).toMatchObject({ state: 'pending', outcome: 'response_invalid' });
  });

  test('asks for a pause gets it', async () => {
    const busy = await receiver((r) => void r.writeHead(429, { 'retry-after': '8' }).end());
    const { id } = await world.endpoint(busy.url);
    await world.emit('quota_1');
    const delivery = await attempted(id);
    expect(delivery.wait_ms).toBeGreaterThan(5_500);
    expect(
      await world.query(
        "select paced_until > clock_timestamp() + interval '6 s' as paused from webhook_endpoints where id = $1",
        [id],
      ),
    ).toEqual([{ paused: true }]);
  });
});

test('one that says it is gone is switched off, its other deliveries are cancelled, and the team is told', async () => {
  const gone = await receiver((response) => void response.writeHead(410).end());
  const other = await receiver(ok);
  const { id } = await world.endpoint(gone.url);
  const { id: otherId } = await world.endpoint(other.url);
  await updateWebhookEndpoint(world.ctx, world.teamId, otherId, {
    eventTypes: ['webhook_endpoint.disabled'],
  });
  await world.emit('quota_1');
  await world.emit('quota_2');
  await world.until(() => other.received.length === 1);
  expect(JSON.parse(other.received[0]?.body ?? '')).toMatchObject({
    type: 'webhook_endpoint.disabled',
    data: { id },
  });
  await world.until(async () => (await world.deliveries(id)).every(({ state }) => state === 'cancelled'));
  expect(await world.query('select state from webhook_endpoints where id = $1', [id])).toEqual([
    { state: 'disabled_auto' },
  ]);
  expect(gone.received).toHaveLength(1);
});

test('one that has failed for five days and twenty times is switched off; one success clears the count', async () => {
  let status = 500;
  const failing = await receiver((response) => void response.writeHead(status).end());
  const { id } = await world.endpoint(failing.url);
  const past = (failures: number, days: number) =>
    world.query(
      `update webhook_endpoints set consecutive_failures = $2, failing_since = clock_timestamp() - make_interval(days => $3) where id = $1`,
      [id, failures, days],
    );
  await past(18, 6);
  await world.emit('quota_1');
  await attempted(id);
  const state = async () =>
    (await world.query<{ state: string }>('select state from webhook_endpoints where id = $1', [id]))[0]
      ?.state;
  expect(await state()).toBe('enabled');
  await past(30, 4);
  await world.hurry(id);
  await attempted(id, 2);
  expect(await state()).toBe('enabled');
  status = 200;
  await world.hurry(id);
  await attempted(id, 3);
  await past(18, 6);
  await world.query(
    'update webhook_endpoints set consecutive_failures = 0, failing_since = null where id = $1',
    [id],
  );
  status = 500;
  await world.emit('quota_2');
  await world.until(async () => (await world.deliveries(id))[1]?.outcome);
  expect(await state()).toBe('enabled');
  await past(19, 5);
  await world.hurry(id);
  await world.until(async () => (await state()) === 'disabled_auto');
});

test('what waits for one that is switched off or deleted is cancelled, never sent', async () => {
  const receiverOfNothing = await receiver((response) => void response.writeHead(500).end());
  const off = await world.endpoint(receiverOfNothing.url);
  const deleted = await world.endpoint(receiverOfNothing.url);
  await world.emit('quota_1');
  await Promise.all([attempted(off.id), attempted(deleted.id)]);
  await updateWebhookEndpoint(world.ctx, world.teamId, off.id, { enabled: false });
  await deleteWebhookEndpoint(world.ctx, world.teamId, deleted.id);
  for (const { id } of [off, deleted])
    await world.until(async () => (await world.deliveries(id))[0]?.state === 'cancelled');
  expect(receiverOfNothing.received).toHaveLength(2);
});

test('no endpoint has more than five attempts at once, and one that times out again and again has one', async () => {
  let most = 0;
  let now = 0;
  const slow = await receiver((response) => {
    now += 1;
    most = Math.max(most, now);
    setTimeout(() => {
      now -= 1;
      response.end();
    }, 30);
  });
  const { id } = await world.endpoint(slow.url);
  for (let i = 0; i < 30; i += 1) await world.emit(`quota_${i}`);
  await world.until(async () => (await world.deliveries(id)).every(({ state }) => state === 'delivered'));
  expect(most).toBe(5);
  most = 0;
  await world.query('update webhook_endpoints set consecutive_timeouts = 5 where id = $1', [id]);
  await world.emit('quota_probe');
  await world.emit('quota_probe');
  await world.until(async () => (await world.deliveries(id)).every(({ state }) => state === 'delivered'));
  expect(slow.received).toHaveLength(32);
});

test('a backlog for one endpoint is paced', async () => {
  const quick = await receiver(ok);
  const { id } = await world.endpoint(quick.url);
  await world.query('update webhook_endpoints set delivered_at = clock_timestamp() where id = $1', [id]);
  await world.query(
    `select emit_event($1, 'quota.exhausted', null, json_build_object('id', n)) from generate_series(1, 150) n`,
    [world.teamId],
  );
  await world.until(() => quick.received.length === 150);
  const [first, last] = [quick.received[0]?.atMs ?? 0, quick.received.at(-1)?.atMs ?? 0];
  // A hundred at once, the others at fifty a second.
  expect(last - first).toBeGreaterThan(800);
  expect(await world.deliveries(id)).toHaveLength(150);
});
