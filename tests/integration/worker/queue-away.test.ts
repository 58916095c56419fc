import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJobConsumer, createJobQueue } from '@reelgate/adapters/bullmq';
import { createVideo, type WorkerContext } from '@reelgate/core';
import { embeddedAvailability, freePort, startRedis } from '@reelgate/embedded';
import { createMetrics } from '@reelgate/runtime';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { startArchiving } from '@reelgate/worker/archiving';
import { startCanary } from '@reelgate/worker/canary';
import { startPolling } from '@reelgate/worker/polling';
import { startReconciler } from '@reelgate/worker/reconciler';
import { createRegistry } from '@reelgate/worker/registry';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

/** `npm run bench -- queue-lost` and `-- ambiguous` are the long ones. */
const VIDEOS = 8;
const { redis: redisAvailable } = await embeddedAvailability();
if (redisAvailable !== true) console.warn(`FLUSHALL is not tested here: ${redisAvailable}`);

let walk: Walk;
let directory: string;
const logged: string[] = [];
beforeAll(async () => {
  walk = await startWalk({
    upstream: { pollIntervalMs: 300 },
    onLog: (event, { code } = {}) => void logged.push(`${event} ${code}`),
  });
  directory = await mkdtemp(join(tmpdir(), 'reelgate-queue-'));
});
afterAll(async () => {
  await walk.close();
  await rm(directory, { recursive: true, force: true });
});

function tell(redisUrl: string, ...commands: string[]): void {
  const { hostname, port, password } = new URL(redisUrl);
  connect(Number(port), hostname)
    .on('error', () => {})
    .end([`AUTH ${password}`, ...commands, 'QUIT', ''].join('\r\n'));
}

/** A worker of its own on this Redis, for as long as `work` takes. */
async function withWorker(redisUrl: string, work: (ctx: WorkerContext) => Promise<void>): Promise<void> {
  const { log } = walk.ctx;
  const backend = { databaseUrl: walk.database.url, redisUrl };
  const jobs = createJobQueue({ ...backend, log });
  const ctx: WorkerContext = { ...walk.ctx, ports: { ...walk.ctx.ports, jobs: jobs.queue } };
  const archiving = startArchiving(ctx, { lanes: 4 });
  const registry = createRegistry(ctx, archiving);
  const consumer = createJobConsumer({ ...backend, handlers: registry, log });
  const reconciler = startReconciler({ ctx, registry, intervalMs: 200 });
  const polling = startPolling(ctx);
  const canary = startCanary({
    queue: jobs,
    consumer,
    log,
    metrics: createMetrics('test'),
    onWedged: () => expect.fail('taken for wedged'),
    everyMs: 200,
  });
  try {
    await work(ctx);
  } finally {
    await Promise.all([reconciler.stop(), polling.stop(), archiving.stop(), canary.stop()]);
    await consumer.close(2_000);
    await jobs.close();
  }
}

async function allStored(ctx: WorkerContext, directives: readonly string[]): Promise<void> {
  const caller = { ...ctx, principal: await seedTeam(walk.database.db) };
  const ids: string[] = [];
  for (let n = 0; n < VIDEOS; n++) {
    const directive = directives[n % directives.length];
    const request = {
      model: 'sora-2',
      prompt: `${n} [[sim render_ms=1500 ${directive}]]`,
      seconds: 4,
      size: '720x1280',
    };
    ids.push(
      (await createVideo(caller, { ...request, params: {} }, { idempotencyKey: null, retryCount: 0 })).video
        .id,
    );
  }
  await vi.waitFor(
    async () => {
      const { rows } = await walk.database.db.$client.query(
        'select state, count(*)::int from videos where id = any($1) group by state',
        [ids],
      );
      expect(rows).toEqual([{ state: 'stored', count: VIDEOS }]);
    },
    { timeout: 50_000, interval: 200 },
  );
}

test.skipIf(redisAvailable !== true)('a queue that is emptied all the time loses nothing', async () => {
  const redis = await startRedis({ directory: join(directory, 'redis') });
  const flushing = setInterval(() => tell(redis.url, 'FLUSHALL'), 300);
  try {
    await withWorker(redis.url, (ctx) => allStored(ctx, ['']));
  } finally {
    clearInterval(flushing);
    await redis.stop();
  }
});

test.skipIf(redisAvailable !== true)(
  'a Redis that may evict jobs is told of, and one that takes no writes any more loses nothing',
  async () => {
    const redis = await startRedis({ directory: join(directory, 'full-redis') });
    try {
      tell(redis.url, 'CONFIG SET maxmemory-policy allkeys-lru');
      logged.length = 0;
      await withWorker(redis.url, async (ctx) => {
        await vi.waitFor(() => expect(logged).toContain('queue.error QUEUE_EVICTS'), 10_000);
        // A replica of nobody, as after a failover: it answers, and refuses every write.
        tell(redis.url, 'REPLICAOF 127.0.0.1 1');
        await allStored(ctx, ['']);
      });
    } finally {
      tell(redis.url, 'REPLICAOF NO ONE');
      await redis.stop();
    }
  },
);

test('without a queue for the whole run, and a quarter of the creates without an answer, all are stored and none is made twice', async () => {
  await walk.simulator.control('POST', 'reset');
  const nobody = `redis://127.0.0.1:${await freePort()}`;
  await withWorker(nobody, (ctx) => allStored(ctx, ['', '', '', 'answer=rst']));
  expect((await walk.simulator.truth()).totals.creates).toBe(VIDEOS);
});
