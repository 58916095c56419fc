import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJobConsumer, createJobQueue } from '@reelgate/adapters/bullmq';
import { createVideo, JOB_NAMES, type WorkerContext } from '@reelgate/core';
import { embeddedAvailability, freePort, startRedis } from '@reelgate/embedded';
import { createMetrics } from '@reelgate/runtime';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { startArchiving } from '@reelgate/worker/archiving';
import { startCanary } from '@reelgate/worker/canary';
import { startPolling } from '@reelgate/worker/polling';
import { startReconciler } from '@reelgate/worker/reconciler';
import { createRegistry, type Registry } from '@reelgate/worker/registry';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

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

/** A worker of its own on this Redis, for as long as `work` takes; `handed` is what the queue has given it. */
async function withWorker(
  redisUrl: string,
  work: (ctx: WorkerContext, handed: readonly unknown[]) => Promise<unknown>,
): Promise<void> {
  const { log } = walk.ctx;
  const backend = { databaseUrl: walk.database.url, redisUrl };
  const jobs = createJobQueue({ ...backend, log });
  const ctx: WorkerContext = { ...walk.ctx, ports: { ...walk.ctx.ports, jobs: jobs.queue } };
  const archiving = startArchiving(ctx, { lanes: 4 });
  const registry = createRegistry(ctx, archiving);
  const handed: unknown[] = [];
  const handlers = Object.fromEntries(
    JOB_NAMES.map((name) => [
      name,
      (payload: never) => {
        handed.push(payload);
        return registry[name](payload);
      },
    ]),
  ) as unknown as Registry;
  const consumer = createJobConsumer({ ...backend, handlers, log });
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
    await work(ctx, handed);
  } finally {
    await Promise.all([reconciler.stop(), polling.stop(), archiving.stop(), canary.stop()]);
    await consumer.close(2_000);
    await jobs.close();
  }
}

async function allStored(ctx: WorkerContext, directives: readonly string[]): Promise<readonly string[]> {
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
  return ids;
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

test.skipIf(redisAvailable !== true)('a Redis that may evict jobs is told of', async () => {
  const redis = await startRedis({ directory: join(directory, 'evicting-redis') });
  try {
    tell(redis.url, 'CONFIG SET maxmemory-policy allkeys-lru');
    logged.length = 0;
    await withWorker(redis.url, async () => {
      await vi.waitFor(() => expect(logged).toContain('queue.error QUEUE_EVICTS'), 10_000);
    });
  } finally {
    await redis.stop();
  }
});

// A replica of nobody, as after a failover: it answers, and refuses every write.
const REFUSING = {
  'has no memory left': ['CONFIG SET maxmemory 1', 'CONFIG SET maxmemory 0', /^OOM/],
  'is a replica': ['REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE', /^READONLY/],
} as const;
const MOMENTS = ['from the beginning', 'in the middle of it'] as const;

describe.skipIf(redisAvailable !== true).each(Object.keys(REFUSING) as (keyof typeof REFUSING)[])(
  'a Redis that %s',
  (state) => {
    test.each(MOMENTS)('%s, loses nothing, and is used again once it takes writes', async (moment) => {
      const [refuse, mend, refusal] = REFUSING[state];
      const redis = await startRedis({ directory: join(directory, `${state} ${moment}`) });
      const client = new Redis(redis.url);
      const command = (line: string) => {
        const [name = '', ...args] = line.split(' ');
        return client.call(name, ...args);
      };
      const refuseWrites = async () => {
        await command(refuse);
        await expect(client.set('probe', 'x')).rejects.toThrow(refusal);
        logged.length = 0;
      };
      try {
        await walk.simulator.control('POST', 'reset');
        if (moment === 'from the beginning') await refuseWrites();
        await withWorker(redis.url, async (ctx, handed) => {
          const isHandedOut = (videoId: string) =>
            vi.waitFor(
              async () => {
                // A video that is stored is of no interest to the reconciler.
                await ctx.ports.jobs.enqueue({ name: 'poll-video', payload: { videoId } }, { delayMs: 0 });
                expect(handed).toContainEqual({ videoId });
              },
              { timeout: 30_000, interval: 200 },
            );
          if (moment === 'in the middle of it') {
            const [id = ''] = await allStored(ctx, ['']);
            await isHandedOut(id);
            await walk.simulator.control('POST', 'reset');
            await refuseWrites();
          }
          const ids = await allStored(ctx, ['', '', '', 'answer=rst']);
          for (const videoId of ids) expect(handed).not.toContainEqual({ videoId });
          expect(logged.some((line) => line.startsWith('queue.away'))).toBe(true);
          expect((await walk.simulator.truth()).totals.creates).toBe(VIDEOS);
          await command(mend);
          await isHandedOut(ids[0] ?? '');
        });
      } finally {
        await command(mend);
        client.disconnect();
        await redis.stop();
      }
    });
  },
);

test('without a queue for the whole run, and a quarter of the creates without an answer, all are stored and none is made twice', async () => {
  await walk.simulator.control('POST', 'reset');
  const nobody = `redis://127.0.0.1:${await freePort()}`;
  await withWorker(nobody, (ctx) => allStored(ctx, ['', '', '', 'answer=rst']));
  expect((await walk.simulator.truth()).totals.creates).toBe(VIDEOS);
});
