import { JOB_NAMES, JOBS, type JobName } from '@reelgate/core/jobs';
import type { JobQueue, Log } from '@reelgate/core/ports';
import { Queue } from 'bullmq';
import { type BackendOptions, createQueueBackend } from './create-backend.ts';
import { within } from './deadline.ts';
import { createErrorLog } from './error-log.ts';
import {
  CANARY,
  DEFAULT_PREFIX,
  ENQUEUE_TIMEOUT_MS,
  EVENTS_KEPT,
  JOB_OPTIONS,
  queueName,
} from './settings.ts';

/** Milliseconds that `close` waits for what is under way. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface JobQueueHandle {
  /** `enqueue` throws on a payload that does not fit the catalogue, and within 1.5 s where the backend is away. */
  readonly queue: JobQueue;
  /** Throws within 1.5 s where the backend does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
  /** Puts a job that does nothing into every queue. Throws quickly where the backend is away. */
  sendCanaries(): Promise<void>;
  /** How many jobs of this name nobody has taken yet. */
  waiting(name: JobName): Promise<number>;
}

/**
 * The producing side: one BullMQ queue for each job name, over one connection (Redis) or one small pool (Postgres).
 * Connects in the background at once; may be created while the backend is away.
 */
export function createJobQueue(
  options: BackendOptions & { readonly prefix?: string; readonly log: Log },
): JobQueueHandle {
  const prefix = options.prefix ?? DEFAULT_PREFIX;
  const onError = createErrorLog(options.log, 'queue.error');
  const backend = createQueueBackend(options, { kind: 'producer' }, onError);
  const queues = new Map<JobName, Promise<ReturnType<typeof newQueue>>>();
  backend.ready().catch(onError);

  function newQueue(name: JobName) {
    const queue = new Queue(
      queueName(prefix, name),
      { connection: backend.connection, defaultJobOptions: JOB_OPTIONS, streams: EVENTS_KEPT },
      backend.factory,
    );
    queue.on('error', onError);
    return queue;
  }

  /** A BullMQ queue whose first connection failed stays broken for ever, so only one that became ready is kept. */
  async function openQueue(name: JobName) {
    await backend.ready();
    const queue = newQueue(name);
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      queue.close().catch(onError);
      throw error;
    }
  }

  function queueFor(name: JobName) {
    const known = queues.get(name);
    if (known) return known;
    const opening = openQueue(name);
    queues.set(name, opening);
    opening.catch(() => queues.delete(name));
    return opening;
  }

  async function add(name: JobName, payload: unknown, delayMs: number): Promise<void> {
    await backend.ready();
    const queue = await queueFor(name);
    await queue.add(name, payload, { delay: Math.max(0, Math.round(delayMs)) });
  }

  return {
    queue: {
      async enqueue(job, { delayMs = 0 } = {}) {
        const payload = JOBS[job.name].payload.parse(job.payload);
        await within(ENQUEUE_TIMEOUT_MS, `enqueue of ${job.name}`, add(job.name, payload, delayMs));
      },
    },
    async sendCanaries() {
      const send = async () => {
        await backend.ready();
        await Promise.all(JOB_NAMES.map(async (name) => (await queueFor(name)).add(CANARY, {})));
      };
      await within(ENQUEUE_TIMEOUT_MS, 'sending canaries', send());
    },
    async waiting(name) {
      const count = queueFor(name).then((queue) => queue.getWaitingCount());
      return await within(ENQUEUE_TIMEOUT_MS, 'counting jobs', count);
    },
    async ping() {
      await within(
        ENQUEUE_TIMEOUT_MS,
        'ping of the queue',
        backend.ready().then(() => backend.ping()),
      );
    },
    async close() {
      const closing = Promise.allSettled([...queues.values()].map(async (queue) => (await queue).close()));
      await within(CLOSE_TIMEOUT_MS, 'closing the queue', closing.then(backend.close)).catch((error) => {
        onError(error);
        backend.destroy();
      });
    },
  };
}
