/**
 * What makes the queue a hint and nothing more: a job runs once, leaves nothing behind, and is never failed for good
 * because its worker died. The rows in Postgres decide; the reconciler enqueues what was lost.
 */

import type { JobName } from '@reelgate/core/jobs';
import type { JobsOptions, WorkerOptions } from 'bullmq';

export const DEFAULT_PREFIX = 'reelgate';

/** BullMQ forbids ':' in the name of a queue, and its Postgres backend knows no key prefix. */
export const queueName = (prefix: string, job: JobName): string => `${prefix}-${job}`;

/** A job that only shows that jobs are handed out. */
export const CANARY = 'canary';

/** No retries of BullMQ's own: a second attempt is a new hint, made by whoever finds the row still due. */
export const JOB_OPTIONS = {
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
} as const satisfies JobsOptions;

/** Nobody reads BullMQ's event stream; its default keeps 10,000 entries a queue. */
export const EVENTS_KEPT = { events: { maxLen: 100 } };

export const WORKER_OPTIONS = {
  /** How often a job may lose its worker before BullMQ fails it for ever: its default, 1, forgets a video at the second crash. */
  maxStalledCount: 1_000_000,
  /** Seconds that an idle worker blocks before it looks again by itself. */
  drainDelay: 5,
  /** Milliseconds between two tries while the connection is refused; the default is 15 s. */
  runRetryDelay: 1_000,
} as const satisfies Partial<WorkerOptions>;

/** Milliseconds for which a worker owns a job without renewing its lock; also how often it looks for jobs of dead workers. */
export const LOCK_DURATION_MS = 30_000;

/** Milliseconds that an enqueue, from first to last step, may take before the queue counts as away. */
export const ENQUEUE_TIMEOUT_MS = 1_500;
