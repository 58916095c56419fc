import type { ListOrder, VideoStatus } from '@reelgate/contract';
import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { isOwnCursor, listVideos as queryVideos, type VideoFilter } from './queries/index.ts';
import { statesOf } from './state.ts';
import type { VideoView } from './video-view.ts';

export interface VideoPage {
  readonly videos: readonly VideoView[];
  readonly hasMore: boolean;
}

export interface VideoPageRequest extends VideoFilter {
  readonly after?: string | undefined;
  readonly order: ListOrder;
  readonly limit: number;
  readonly status?: VideoStatus | undefined;
}

/** One page of the team's videos. Throws `invalid_value` for a cursor that the team never had. */
export async function listVideos(ctx: CallerContext, request: VideoPageRequest): Promise<VideoPage> {
  const { teamId } = ctx.principal;
  const { status, ...page } = request;
  // One more than asked tells whether there is a next page.
  const rows = await queryVideos(ctx.db, teamId, {
    ...page,
    ...(status === undefined ? {} : statesOf(status)),
    limit: page.limit + 1,
  });
  if (rows.length === 0 && page.after !== undefined && !(await isOwnCursor(ctx.db, teamId, page.after))) {
    throw new ReelgateError('invalid_value', `No video with id '${page.after}' to list after.`, {
      param: 'after',
    });
  }
  return { videos: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}
