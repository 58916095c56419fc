import type { Job } from '../jobs.ts';

/** A hint that something is due. Losing one costs time, never work: the row in Postgres is the truth. */
export interface JobQueue {
  /** Throws quickly where the queue is away; callers carry on. */
  enqueue(job: Job, options?: { readonly delayMs?: number }): Promise<void>;
}
