/** What both backends of the job queue promise, each on a real server. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createJobConsumer, createJobQueue, type JobHandlers } from '@reelgate/adapters/bullmq';
import { done, giveUp, snooze } from '@reelgate/core';
import { JOB_NAMES, type Job } from '@reelgate/core/jobs';
import type { Log } from '@reelgate/core/ports';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type QueueServer, queueServers } from './queue-backends.ts';

type Line = { readonly level: string; readonly event: string } & Record<string, unknown>;

function recordingLog(): Log & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (event: string, fields?: Record<string, unknown>) => {
    lines.push({ ...fields, level, event });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Handlers that refuse every job but those given. */
function handlersWith(some: Partial<JobHandlers>): JobHandlers {
  const unexpected = async () => giveUp('unexpected');
  return Object.fromEntries(JOB_NAMES.map((name) => [name, some[name] ?? unexpected])) as JobHandlers;
}

/** Waits longer than the slowest recovery; every case that works is far quicker. */
const eventually = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 20_000, interval: 20 });

const poll = (videoId: string): Job => ({ name: 'poll-video', payload: { videoId } });

let runs = 0;

describe.each(Object.keys(queueServers))('job queue on %s', (kind) => {
  let server: QueueServer;
  let prefix: string;
  let log: ReturnType<typeof recordingLog>;
  let closers: (() => Promise<unknown>)[];

  beforeAll(async () => {
    server = await (queueServers[kind] as () => Promise<QueueServer>)();
  });
  afterAll(() => server?.stop());

  beforeEach(() => {
    runs += 1;
    prefix = `case${runs}`;
    log = recordingLog();
    closers = [];
  });
  afterEach(async () => {
    await Promise.all(closers.map((close) => close()));
  });

  function openQueue() {
    const jobQueue = createJobQueue({ ...server.options, prefix, log });
    closers.push(jobQueue.close);
    return jobQueue;
  }

  function openConsumer(
    some: Partial<JobHandlers>,
    more: { lockDurationMs?: number; onError?: () => void } = {},
  ) {
    const consumer = createJobConsumer({
      ...server.options,
      ...more,
      prefix,
      log,
      handlers: handlersWith(some),
    });
    closers.push(() => consumer.close(2_000));
    return consumer;
  }

  async function startConsumerProcess(lockDurationMs: number): Promise<ChildProcess> {
    const child = fork(
      new URL('./queue-consumer-process.ts', import.meta.url),
      [JSON.stringify({ ...server.options, prefix, lockDurationMs })],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    closers.push(() => kill(child));
    return child;
  }

  const errorLines = () => log.lines.filter((line) => line.event === 'queue.error');
  const jobLines = () => log.lines.filter((line) => line.event === 'job');

  test('hands a job to its handler once, with its payload, and keeps nothing of it', async () => {
    const handle = vi.fn(async () => done);
    const deliver = vi.fn(async () => done);
    const { queue } = openQueue();
    openConsumer({ 'poll-video': handle, 'archive-video': deliver });

    await queue.enqueue(poll('video_a'));
    await queue.enqueue({ name: 'archive-video', payload: { videoId: 'video_2' } });

    await eventually(() => expect(jobLines()).toHaveLength(2));
    expect(handle.mock.calls).toEqual([[{ videoId: 'video_a' }]]);
    expect(deliver.mock.calls).toEqual([[{ videoId: 'video_2' }]]);
    const line = jobLines().find(({ job }) => job === 'poll-video');
    expect(line).toMatchObject({ level: 'info', videoId: 'video_a', outcome: 'done' });
    expect(line?.waitMs).toBeTypeOf('number');
    expect(line?.runMs).toBeTypeOf('number');
    await eventually(async () => expect(await server.countJobs(prefix)).toBe(0));
  });

  test('carries the ids of the catalogue and nothing else', async () => {
    const handle = vi.fn(async () => done);
    const { queue } = openQueue();
    openConsumer({ 'poll-video': handle });

    await queue.enqueue({
      name: 'poll-video',
      payload: { videoId: 'v', prompt: 'secret' },
    } as unknown as Job);

    await eventually(() => expect(handle).toHaveBeenCalledWith({ videoId: 'v' }));
  });

  test('refuses a payload that does not fit the catalogue', async () => {
    const { queue } = openQueue();
    await expect(
      queue.enqueue({ name: 'poll-video', payload: { deliveryId: 'x' } } as unknown as Job),
    ).rejects.toThrow(/videoId/);
    await expect(
      queue.enqueue({ name: 'poll-video', payload: { videoId: 7 } } as unknown as Job),
    ).rejects.toThrow(/videoId/);
    expect(await server.countJobs(prefix)).toBe(0);
  });

  describe('beside another release', () => {
    test('leaves out what a payload has besides', async () => {
      const handle = vi.fn(async () => done);
      const { queue } = openQueue();
      await queue.enqueue(poll('v'));
      await server.rewrite(`${prefix}-poll-video`, { videoId: 'v', teamId: 'team_1' });
      openConsumer({ 'poll-video': handle });
      await eventually(() => expect(handle.mock.calls).toEqual([[{ videoId: 'v' }]]));
    });

    test('tells of a payload that it cannot read, keeps nothing of it, and takes the next hint', async () => {
      const handle = vi.fn(async () => done);
      const { queue } = openQueue();
      await queue.enqueue(poll('v'));
      await server.rewrite(`${prefix}-poll-video`, { id: 'v', prompt: 'secret' });
      openConsumer({ 'poll-video': handle });
      await eventually(() => expect(jobLines()).toHaveLength(1));
      expect(jobLines()[0]).toMatchObject({
        level: 'error',
        outcome: 'invalid_payload',
        fields: ['videoId'],
      });
      expect(JSON.stringify(log.lines)).not.toContain('secret');
      await eventually(async () => expect(await server.countJobs(prefix)).toBe(0));
      await queue.enqueue(poll('v'));
      await eventually(() => expect(handle.mock.calls).toEqual([[{ videoId: 'v' }]]));
    });

    test('leaves a job of a kind that it does not know where it is', async () => {
      const { queue } = openQueue();
      await queue.enqueue(poll('v'));
      await server.move(`${prefix}-poll-video`, `${prefix}-render-trailer`);
      openConsumer({ 'poll-video': async () => done });
      await queue.enqueue(poll('w'));
      await eventually(() => expect(jobLines()).toMatchObject([{ videoId: 'w', outcome: 'done' }]));
      await eventually(async () => expect(await server.countJobs(prefix)).toBe(1));
    });
  });

  test('holds few connections', async () => {
    const before = await server.countConnections();
    const { queue } = openQueue();
    const consumer = openConsumer({ 'poll-video': async () => done });
    await consumer.ready();
    await Promise.all(Array.from({ length: 100 }, (_, i) => queue.enqueue(poll(`v${i}`))));
    await eventually(() => expect(jobLines()).toHaveLength(100));
    // One for each worker and one shared; on Postgres up to four shared on either side.
    const shared = kind === 'redis' ? 2 : 8;
    expect((await server.countConnections()) - before).toBeGreaterThan(JOB_NAMES.length);
    expect((await server.countConnections()) - before).toBeLessThanOrEqual(JOB_NAMES.length + shared);
  });

  test('answers a ping', async () => {
    await expect(openQueue().ping()).resolves.toBeUndefined();
  });

  test('holds a delayed job back until it is due', async () => {
    const startedAt: number[] = [];
    const { queue } = openQueue();
    const consumer = openConsumer({
      'poll-video': async () => {
        startedAt.push(Date.now());
        return done;
      },
    });
    await consumer.ready();

    const enqueuedAt = Date.now();
    await queue.enqueue(poll('late'), { delayMs: 700 });

    await eventually(() => expect(startedAt).toHaveLength(1));
    expect((startedAt[0] ?? 0) - enqueuedAt).toBeGreaterThanOrEqual(690);
    expect((startedAt[0] ?? 0) - enqueuedAt).toBeLessThan(3_000);
  });

  test('runs a snoozed job again when it asked for it, as often as it asks', async () => {
    const snoozes = 12;
    const payloads: unknown[] = [];
    const lateMs: number[] = [];
    let dueAt = Date.now();
    const { queue } = openQueue();
    openConsumer({
      'poll-video': async (payload) => {
        payloads.push(payload);
        lateMs.push(Date.now() - dueAt);
        dueAt = Date.now() + 100;
        return payloads.length > snoozes ? done : snooze(new Date(dueAt));
      },
    });

    await queue.enqueue(poll('again'));

    await eventually(() => expect(jobLines()).toHaveLength(snoozes + 1));
    expect(payloads).toEqual(Array.from({ length: snoozes + 1 }, () => ({ videoId: 'again' })));
    expect(jobLines().map(({ outcome }) => outcome)).toEqual([...Array(snoozes).fill('snooze'), 'done']);
    expect(Math.min(...lateMs.slice(1))).toBeGreaterThanOrEqual(-10);
    expect(Math.max(...lateMs.slice(1))).toBeLessThan(3_000);
    await eventually(async () => expect(await server.countJobs(prefix)).toBe(0));
  });

  test('ends a job that gives up or throws, and takes the same video again', async () => {
    const onError = vi.fn();
    const answers = [
      async () => giveUp('row is gone'),
      async () => {
        throw new TypeError('bug');
      },
      async () => done,
    ];
    const handle = vi.fn(async () => (answers.shift() as () => Promise<typeof done>)());
    const { queue } = openQueue();
    openConsumer({ 'poll-video': handle }, { onError });

    for (const outcome of ['give_up', 'threw', 'done']) {
      await queue.enqueue(poll('same'));
      await eventually(() => expect(jobLines().at(-1)).toMatchObject({ outcome, videoId: 'same' }));
      await eventually(async () => expect(await server.countJobs(prefix)).toBe(0));
    }
    expect(handle).toHaveBeenCalledTimes(3);
    expect(jobLines()).toHaveLength(3);
    expect(jobLines()[0]).toMatchObject({ level: 'warn', reason: 'row is gone' });
    expect(jobLines()[1]).toMatchObject({ level: 'error', error: 'TypeError', message: 'bug' });
    expect(onError.mock.calls).toEqual([[expect.any(TypeError), 'poll-video']]);
  });

  test("runs no more of a kind at once than the catalogue's concurrency", async () => {
    const jobs = 12;
    let running = 0;
    let most = 0;
    let ended = 0;
    const releases: (() => void)[] = [];
    const { queue } = openQueue();
    openConsumer({
      'archive-video': async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => releases.push(resolve));
        running -= 1;
        ended += 1;
        return done;
      },
      'poll-video': async () => done,
    });

    for (let i = 0; i < jobs; i += 1) {
      await queue.enqueue({ name: 'archive-video', payload: { videoId: `v${i}` } });
    }
    await eventually(() => expect(running).toBe(4));
    // Another kind of job is not held up by a kind that is full.
    await queue.enqueue(poll('other'));
    await eventually(() => expect(jobLines()).toHaveLength(1));
    while (ended < jobs) {
      await eventually(() => expect(releases.length).toBeGreaterThan(0));
      const before = ended;
      releases.shift()?.();
      await eventually(() => expect(ended).toBe(before + 1));
    }
    expect(most).toBe(4);
  });

  test('takes over the job of a consumer that was killed, even three times over', async () => {
    const lockDurationMs = 1_000;
    const { queue } = openQueue();
    await queue.enqueue(poll('fatal'));

    for (let kills = 0; kills < 3; kills += 1) {
      const child = await startConsumerProcess(lockDurationMs);
      const [message] = await once(child, 'message');
      expect(message).toEqual({ payload: { videoId: 'fatal' } });
      await kill(child);
    }

    const handle = vi.fn(async () => done);
    openConsumer({ 'poll-video': handle }, { lockDurationMs });
    await eventually(() => expect(handle).toHaveBeenCalledWith({ videoId: 'fatal' }));
    expect(log.lines).toContainEqual(expect.objectContaining({ event: 'job.stalled', job: 'poll-video' }));
    await eventually(async () => expect(await server.countJobs(prefix)).toBe(0));
  });

  test('fails fast while the backend is away, and works again when it is back', async () => {
    const handled: string[] = [];
    const { queue, ping } = openQueue();
    const consumer = openConsumer({
      'poll-video': async ({ videoId }) => {
        handled.push(videoId);
        return done;
      },
    });
    await consumer.ready();
    await queue.enqueue(poll('before'));
    await eventually(() => expect(handled).toEqual(['before']));

    await server.goAway();
    try {
      for (let tries = 0; tries < 3; tries += 1) {
        const triedAt = performance.now();
        await expect(queue.enqueue(poll('lost'))).rejects.toThrow();
        expect(performance.now() - triedAt).toBeLessThan(2_000);
      }
      await expect(ping()).rejects.toThrow();
      await eventually(() => expect(errorLines().length).toBeGreaterThan(0));
    } finally {
      await server.comeBack();
    }

    await eventually(() => queue.enqueue(poll('after')));
    await eventually(() => expect(handled).toContain('after'));
    expect(handled).not.toContain('lost');
    expect(errorLines().length).toBeLessThan(30);
  });

  test('survives the loss of every connection', async () => {
    const handled: string[] = [];
    const { queue } = openQueue();
    const consumer = openConsumer({
      'poll-video': async ({ videoId }) => {
        handled.push(videoId);
        return done;
      },
    });
    await consumer.ready();

    for (const videoId of ['first', 'second', 'third']) {
      await server.dropConnections();
      await eventually(() => queue.enqueue(poll(videoId)));
      await eventually(() => expect(handled).toContain(videoId));
    }
  });

  test('can be created while the backend is away', async () => {
    const handle = vi.fn(async () => done);
    await server.goAway();
    let queue: ReturnType<typeof openQueue>['queue'];
    try {
      ({ queue } = openQueue());
      openConsumer({ 'poll-video': handle });
      await expect(queue.enqueue(poll('early'))).rejects.toThrow();
    } finally {
      await server.comeBack();
    }
    await eventually(() => queue.enqueue(poll('at last')));
    await eventually(() => expect(handle).toHaveBeenCalledWith({ videoId: 'at last' }));
  });

  test('works on after everything in it was wiped', async () => {
    const handle = vi.fn(async () => done);
    const { queue } = openQueue();
    const consumer = openConsumer({ 'poll-video': handle });
    await consumer.ready();
    await queue.enqueue(poll('forgotten'), { delayMs: 60_000 });

    await server.wipe();

    await queue.enqueue(poll('fresh'));
    await eventually(() => expect(handle.mock.calls).toEqual([[{ videoId: 'fresh' }]]));
  });

  test('closes in time around a stuck handler, and gives its job to another consumer', async () => {
    const stuck = vi.fn(() => new Promise<never>(() => {}));
    const { queue } = openQueue();
    const consumer = openConsumer({ 'poll-video': stuck });
    await queue.enqueue(poll('held'));
    await eventually(() => expect(stuck).toHaveBeenCalled());

    const closedAt = performance.now();
    await consumer.close(1_500);
    expect(performance.now() - closedAt).toBeLessThan(2_000);

    // Its lock would have lasted for 30 s.
    const handle = vi.fn(async () => done);
    openConsumer({ 'poll-video': handle });
    await vi.waitFor(() => expect(handle).toHaveBeenCalledWith({ videoId: 'held' }), { timeout: 10_000 });
  });

  test('waits for a handler that ends in time, and starts no other job meanwhile', async () => {
    let release = () => {};
    const handle = vi.fn(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return done;
    });
    const { queue } = openQueue();
    const consumer = openConsumer({ 'archive-video': handle, 'poll-video': handle });
    await queue.enqueue(poll('running'));
    await eventually(() => expect(handle).toHaveBeenCalledTimes(1));

    const closing = consumer.close(10_000);
    await queue.enqueue(poll('next'));
    release();
    await closing;

    expect(handle).toHaveBeenCalledTimes(1);
    expect(jobLines()).toContainEqual(expect.objectContaining({ videoId: 'running', outcome: 'done' }));
    expect(await server.countJobs(prefix)).toBe(1);
  });

  test('closes in time while the backend is away', async () => {
    const { close } = openQueue();
    const consumer = openConsumer({});
    await consumer.ready();
    await server.goAway();
    try {
      const startedAt = performance.now();
      await Promise.all([close(), consumer.close(2_000)]);
      expect(performance.now() - startedAt).toBeLessThan(3_000);
    } finally {
      await server.comeBack();
    }
  });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
