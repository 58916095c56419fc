import { hint } from '../hint.ts';
import { administerVideo, type VideoAdministration } from './administer-video.ts';
import { emitVideoEvent } from './emit-video-event.ts';
import { videoNotFound } from './get-video.ts';
import { requestDeletion } from './queries/index.ts';

/** Deletes a video as its owner would: hidden at once, its bytes go when the time to undo is over. Throws `video_not_found`, also for a deleted one. */
export async function removeVideo(ctx: VideoAdministration, id: string, reason?: string): Promise<void> {
  await administerVideo(ctx, id, async (tx, row, afterCommit) => {
    const deleted = await requestDeletion(tx, row.teamId, id);
    if (!deleted) throw videoNotFound(id);
    await emitVideoEvent(tx, row, 'video.deleted');
    if (deleted.purgeNow) afterCommit(() => hint(ctx, { name: 'purge-video', payload: { videoId: id } }));
    return {
      action: 'video.delete',
      before: { state: row.state },
      after: { deleted: true },
      ...(reason !== undefined && { reason }),
    };
  });
}
