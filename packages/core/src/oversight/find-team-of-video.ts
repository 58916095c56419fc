import type { AdminContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { findTeam } from './queries/videos.ts';

/** Whose a video is. Throws `video_not_found` where it is not in the scope. */
export async function findTeamOfVideo(ctx: Pick<AdminContext, 'db' | 'scope'>, id: string): Promise<string> {
  const teamId = await findTeam(ctx.db, ctx.scope, id);
  if (teamId === null) throw videoNotFound(id);
  return teamId;
}

export function videoNotFound(id: string): ReelgateError {
  return new ReelgateError('video_not_found', `Video with id '${id.slice(0, 80)}' not found.`, {
    param: 'video_id',
  });
}
