import { transaction } from '@reelgate/db';
import type { CallerContext } from '../context.ts';
import { hint } from '../hint.ts';
import { emitVideoEvent } from './emit-video-event.ts';
import { videoNotFound } from './get-video.ts';
import { requestDeletion } from './queries/index.ts';

/**
 * Hides a video at once and for good. Its stored bytes go right after; one that is still rendered is settled, and goes when it
 * has ended. Throws `video_not_found`, also for the second delete.
 */
export async function deleteVideo(ctx: CallerContext, id: string): Promise<void> {
  const { teamId } = ctx.principal;
  const purgeNow = await transaction(ctx.db, async (tx) => {
    const deleted = await requestDeletion(tx, teamId, id);
    if (!deleted) throw videoNotFound(id);
    await emitVideoEvent(tx, { id, teamId }, 'video.deleted');
    return deleted.purgeNow;
  });
  await ctx.failpoint?.('delete.requested');
  if (purgeNow) await hint(ctx, { name: 'purge-video', payload: { videoId: id } });
}
