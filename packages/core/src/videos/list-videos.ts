import type { ListOrder } from '@reelgate/contract';
import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { isOwnCursor, listVideos as queryVideos } from './queries.ts';
import type { VideoView } from './video-view.ts';

export interface VideoPage {
  readonly videos: readonly VideoView[];
  readonly hasMore: boolean;
}

/** One page of the team's videos. Throws `invalid_value` for a cursor that the team never had. */
export async function listVideos(
  ctx: CallerContext,
  page: { after?: string | undefined; order: ListOrder; limit: number },
): Promise<VideoPage> {
  const { teamId } = ctx.principal;
  // One more than asked tells whether there is a next page.
  const rows = await queryVideos(ctx.db, teamId, { ...page, limit: page.limit + 1 });
  if (rows.length === 0 && page.after !== undefined && !(await isOwnCursor(ctx.db, teamId, page.after))) {
    throw new ReelgateError('invalid_value', `No video with id '${page.after}' to list after.`, {
      param: 'after',
    });
  }
  return { videos: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}
