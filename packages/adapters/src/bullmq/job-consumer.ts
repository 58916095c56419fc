import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { JOB_NAMES, JOBS, type JobName, type JobPayload, type Outcome } from '@reelgate/core/jobs';
import type { Log } from '@reelgate/core/ports';
import { Worker } from 'bullmq';
import { type BackendOptions, createQueueBackend } from './create-backend.ts';
import { within } from './deadline.ts';
import { createErrorLog } from './error-log.ts';
import { createProcessor } from './processor.ts';
import { CANARY, DEFAULT_PREFIX, LOCK_DURATION_MS, queueName, WORKER_OPTIONS } from './settings.ts';

export type JobHandlers = { readonly [N in JobName]: (payload: JobPayload<N>) => Promise<Outcome> };

export interface JobConsumer {
  /** For how long an idle worker of this job has been given none, in ms; 0 where it is busy. `forgive` begins anew. */
  silence(name: JobName, forgive?: 'forgive'): number;
  /** Replaces the worker of this job by a new one, on a connection of its own making. */
  renew(name: JobName): Promise<void>;
  /** Resolves once every worker takes jobs; waits as long as the backend is away. */
  ready(): Promise<void>;
  /**
   * Takes no new job, waits for those that run, and returns after `timeoutMs` at the latest. A job that still runs shortly
   * before is given back to the queue, for another consumer to take up at once; its handler is not interrupted.
   */
  close(timeoutMs: number): Promise<void>;
}

/** Milliseconds between two tries to start a worker while the backend is away. */
const START_RETRY_MS = 1_000;
/** Milliseconds that a renewed worker may take to be there; it is waited for in the background after that. */
const RENEW_TIMEOUT_MS = 5_000;
/** Of the time to close, what is kept for giving jobs back: a quarter, at most this many milliseconds. */
const GIVE_BACK_MS = 2_000;

/**
 * The running side: one BullMQ worker for each job name, with the catalogue's concurrency. On Redis they hold one
 * connection each and share one more; on Postgres one LISTENing session each and share up to four.
 * Starts at once and by itself; a backend that is away, now or later, is waited for.
 */
export function createJobConsumer(
  options: BackendOptions & {
    readonly prefix?: string;
    readonly handlers: JobHandlers;
    /** Told of what a handler threw, after it was logged. */
    readonly onError?: (error: unknown, job: JobName) => void;
    readonly log: Log;
    /** Milliseconds after which a dead worker's jobs are taken over (up to twice that). Default 30,000. */
    readonly lockDurationMs?: number;
  },
): JobConsumer {
  const { handlers, log, prefix = DEFAULT_PREFIX, lockDurationMs = LOCK_DURATION_MS } = options;
  const reportError = createErrorLog(log, 'queue.error');
  const backend = createQueueBackend(options, { kind: 'consumer', workers: JOB_NAMES.length }, reportError);
  const stopping = new AbortController();
  const givingBack = new AbortController();
  // Every running job listens, and so does every worker that waits to start.
  setMaxListeners(0, givingBack.signal, stopping.signal);
  const workers = new Map<JobName, ReturnType<typeof newWorker>>();
  const heardAt = new Map<JobName, number>(JOB_NAMES.map((name) => [name, performance.now()]));
  const running = new Map<JobName, number>();

  function newWorker(name: JobName) {
    const process = createProcessor({
      name,
      handle: handlers[name] as (payload: unknown) => Promise<Outcome>,
      stopping: stopping.signal,
      givingBack: givingBack.signal,
      onError: options.onError,
      log,
    });
    const processor: typeof process = async (job, token) => {
      heardAt.set(name, performance.now());
      if (job.name === CANARY) return;
      running.set(name, (running.get(name) ?? 0) + 1);
      try {
        await process(job, token);
      } finally {
        running.set(name, (running.get(name) ?? 1) - 1);
      }
    };
    const worker = new Worker(
      queueName(prefix, name),
      processor,
      {
        ...WORKER_OPTIONS,
        connection: backend.connection,
        concurrency: JOBS[name].concurrency,
        lockDuration: lockDurationMs,
        stalledInterval: lockDurationMs,
        autorun: false,
      },
      backend.factory,
    );
    worker.on('error', reportError);
    worker.on('stalled', (jobId) => log.warn('job.stalled', { job: name, jobId }));
    return worker;
  }

  /** A BullMQ worker whose first connection failed stays broken for ever, so only one that became ready is kept. */
  async function start(name: JobName): Promise<void> {
    while (!stopping.signal.aborted) {
      let worker: ReturnType<typeof newWorker> | undefined;
      try {
        await backend.ready();
        worker = newWorker(name);
        await worker.waitUntilReady();
        if (stopping.signal.aborted) break;
        workers.set(name, worker);
        heardAt.set(name, performance.now());
        worker.run().catch(reportError);
        return;
      } catch (error) {
        reportError(error);
        await worker?.close(true).catch(reportError);
        await delay(START_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  const starting = Promise.all(JOB_NAMES.map(start)).then(() => {});

  async function stop(): Promise<void> {
    await Promise.all([...workers.values()].map((worker) => worker.close()));
    await starting;
    await backend.close();
  }

  let closing: Promise<void> | undefined;
  async function close(timeoutMs: number): Promise<void> {
    stopping.abort();
    const giveBack = setTimeout(() => givingBack.abort(), timeoutMs - Math.min(GIVE_BACK_MS, timeoutMs / 4));
    try {
      await within(timeoutMs, 'closing the consumer', stop());
    } catch (error) {
      log.error('queue.close_failed', { message: String(error) });
      for (const worker of workers.values()) worker.disconnect().catch(reportError);
      backend.destroy();
    } finally {
      clearTimeout(giveBack);
    }
  }

  return {
    silence(name, forgive) {
      if (forgive) heardAt.set(name, performance.now());
      const busy = (running.get(name) ?? 0) >= JOBS[name].concurrency;
      return busy ? 0 : performance.now() - (heardAt.get(name) ?? 0);
    },
    async renew(name) {
      const wedged = workers.get(name);
      workers.delete(name);
      heardAt.set(name, performance.now());
      // What it still runs goes on; it takes nothing new, and nobody waits for it.
      wedged?.close(true).catch(reportError);
      await within(RENEW_TIMEOUT_MS, 'renewing a worker', start(name)).catch(reportError);
      heardAt.set(name, performance.now());
    },
    ready: () => starting,
    close(timeoutMs) {
      closing ??= close(timeoutMs);
      return closing;
    },
  };
}
