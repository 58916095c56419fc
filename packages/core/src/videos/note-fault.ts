import type { ServiceContext } from '../context.ts';
import { recordFault } from './queries/index.ts';

/** An unexpected error in a row so often sets a video aside, for somebody to look at. Until then it is tried again, ever less often. */
const POLICY = { firstMs: 5_000, maxMs: 15 * 60_000, limit: 10 };

/** Work on a video has thrown: one that always does must not be tried for ever, nor be forgotten. */
export async function noteFault(
  ctx: Pick<ServiceContext, 'db' | 'log' | 'owner'>,
  videoId: string,
  error: unknown,
): Promise<void> {
  try {
    const noted = await recordFault(ctx.db, videoId, ctx.owner, POLICY);
    if (!noted) return;
    ctx.log[noted.quarantined ? 'error' : 'warn'](noted.quarantined ? 'video.quarantined' : 'video.fault', {
      videoId,
      count: noted.faults,
      error,
    });
  } catch (unrecorded) {
    // Where Postgres is away nothing was wrong with the video; its lease runs out by itself.
    ctx.log.warn('video.fault_unrecorded', { videoId, error: unrecorded });
  }
}
