import type { CallerContext } from '../context.ts';
import { markAnswered as update } from './queries/index.ts';

/**
 * Notes that the answer to a create was wholly sent: a retry is then for another video first. Called after the answer; where it
 * fails, a retry is answered with the video that exists, which is the safe side.
 */
export async function markAnswered(ctx: CallerContext, videoId: string): Promise<void> {
  try {
    await update(ctx.db, ctx.principal.teamId, videoId);
  } catch (error) {
    ctx.log.warn('video.answer_unmarked', { videoId, error });
  }
}
