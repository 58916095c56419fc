import type { AdminContext } from '../context.ts';
import { findTeamOfVideo } from '../oversight/index.ts';
import { listShareLinksOf, type ShareLinkRow } from './queries.ts';

/** Of one video, newest first, also those that are over. Throws `video_not_found`. */
export async function listShareLinks(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  videoId: string,
): Promise<ShareLinkRow[]> {
  return await listShareLinksOf(ctx.db, await findTeamOfVideo(ctx, videoId), videoId);
}
