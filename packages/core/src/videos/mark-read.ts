import type { CallerContext } from '../context.ts';
import type { OwnVideoRow } from './queries/index.ts';
import { markRead as update } from './queries/index.ts';

/** For how long an SDK may still repeat the create of a video, in ms; `accept_video` says the same. */
const RETRIED_FOR_MS = 15 * 60_000;

/**
 * Notes the first time that a young video is asked for by its id: whoever did has the answer to its create, so that another request
 * like it is another wish. Called after the answer; where it fails, a retry is answered with the video that exists, which is the safe side.
 */
export async function markRead(
  ctx: CallerContext,
  video: Pick<OwnVideoRow, 'id' | 'readAt' | 'createdAt'>,
): Promise<void> {
  if (video.readAt !== null || Date.now() - video.createdAt.getTime() > RETRIED_FOR_MS) return;
  try {
    await update(ctx.db, ctx.principal.teamId, video.id);
  } catch (error) {
    ctx.log.warn('video.read_unmarked', { videoId: video.id, error });
  }
}
