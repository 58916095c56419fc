import type { ServiceContext } from './context.ts';
import type { Job } from './jobs.ts';

/**
 * Wakes a worker up. False where the queue is away; nothing is lost then, because the row is due and the reconciler finds it.
 */
export async function hint(
  ctx: Pick<ServiceContext, 'ports' | 'log'>,
  job: Job,
  delayMs = 0,
): Promise<boolean> {
  try {
    await ctx.ports.jobs.enqueue(job, { delayMs });
    return true;
  } catch (error) {
    ctx.log.warn('queue.away', { job: job.name, ...job.payload, error });
    return false;
  }
}
