import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { findVideo, type OwnVideoRow } from './queries/index.ts';
import type { VideoView } from './video-view.ts';

/** Throws `video_not_found`, the same for one that never was, one that is deleted and one of another team. */
export async function getVideo(
  ctx: CallerContext,
  id: string,
): Promise<VideoView & Pick<OwnVideoRow, 'readAt'>> {
  const row = await findVideo(ctx.db, ctx.principal.teamId, id);
  if (!row) throw videoNotFound(id);
  return row;
}

export function videoNotFound(id: string, param = 'video_id'): ReelgateError {
  return new ReelgateError('video_not_found', `Video with id '${id}' not found.`, { param });
}
