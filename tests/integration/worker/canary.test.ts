import { createJobConsumer, createJobQueue } from '@reelgate/adapters/bullmq';
import { done, JOB_NAMES, type JobName } from '@reelgate/core';
import { createMetrics } from '@reelgate/runtime';
import { createTestDatabase, type TestDatabase } from '@reelgate/testkit';
import { startCanary } from '@reelgate/worker/canary';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

let database: TestDatabase;
const logged: { event: string; fields: Record<string, unknown> }[] = [];
const note = (event: string, fields: Record<string, unknown> = {}) => void logged.push({ event, fields });
const log = { debug: note, info: note, warn: note, error: note };
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const handlers = Object.fromEntries(JOB_NAMES.map((name) => [name, async () => done])) as never;
const wedged = () =>
  logged.filter(({ event }) => event === 'queue.wedged').map(({ fields }) => [fields.job, fields.decision]);

test('a worker that is given nothing is made anew, and the process ends where that does not help', async () => {
  const queue = createJobQueue({ databaseUrl: database.url, log });
  const consumer = createJobConsumer({ databaseUrl: database.url, handlers, log });
  await consumer.ready();
  const onWedged = vi.fn();
  /** The queue of this job hands nothing out, without an error. */
  let stuck: JobName | undefined;
  let stuckSince = 0;
  const renewed: JobName[] = [];
  const canary = startCanary({
    queue: { sendCanaries: queue.sendCanaries, waiting: async (name) => (name === stuck ? 1 : 0) },
    consumer: {
      silence: (name, forgive) => {
        const silence = consumer.silence(name, forgive);
        return name === stuck ? performance.now() - stuckSince : silence;
      },
      renew: async (name) => {
        renewed.push(name);
        stuckSince = performance.now();
        await consumer.renew(name);
      },
    },
    log,
    metrics: createMetrics('test'),
    onWedged,
    everyMs: 100,
    silentMs: 1_500,
  });
  try {
    // Canaries are handed out: nobody is taken for wedged.
    await vi.waitFor(
      () => expect(Math.max(...JOB_NAMES.map((name) => consumer.silence(name)))).toBeLessThan(500),
      10_000,
    );
    expect(wedged()).toEqual([]);
    stuckSince = performance.now();
    stuck = 'poll-video';
    await vi.waitFor(() => expect(onWedged).toHaveBeenCalled(), 15_000);
    expect(renewed).toEqual(['poll-video']);
    expect(wedged().slice(0, 2)).toEqual([
      ['poll-video', 'renewed'],
      ['poll-video', 'ended'],
    ]);
    // The new worker takes jobs.
    stuck = undefined;
    await vi.waitFor(() => expect(consumer.silence('poll-video')).toBeLessThan(500), 10_000);
  } finally {
    await canary.stop();
    await consumer.close(5_000);
    await queue.close();
  }
});

test('a queue that is away is not taken for wedged', async () => {
  logged.length = 0;
  const onWedged = vi.fn();
  const forgiven = new Set<JobName>();
  const canary = startCanary({
    queue: { sendCanaries: () => Promise.reject(new Error('away')), waiting: async () => 1 },
    consumer: {
      silence: (name, forgive) => {
        if (forgive) forgiven.add(name);
        return 10_000;
      },
      renew: async () => undefined,
    },
    log,
    metrics: createMetrics('test'),
    onWedged,
    everyMs: 20,
    silentMs: 1_000,
  });
  await vi.waitFor(
    () => expect(logged.filter(({ event }) => event === 'queue.away').length).toBeGreaterThan(3),
    10_000,
  );
  await canary.stop();
  expect(onWedged).not.toHaveBeenCalled();
  expect(wedged()).toEqual([]);
  expect(forgiven.size).toBe(JOB_NAMES.length);
});
