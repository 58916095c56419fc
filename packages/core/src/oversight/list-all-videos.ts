import type { AdminContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { AllVideosFilter } from './queries/conditions.ts';
import { findTeam, listVideoOverviews, type VideoOverview } from './queries/videos.ts';

/** One page of the videos of every team in the scope. Throws `invalid_value` for a cursor that is no video there. */
export async function listAllVideos(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  filter: AllVideosFilter,
  page: { readonly after: string | null; readonly order: 'asc' | 'desc'; readonly limit: number },
): Promise<{ videos: readonly VideoOverview[]; hasMore: boolean }> {
  if (page.after !== null && (await findTeam(ctx.db, ctx.scope, page.after)) === null) {
    throw new ReelgateError('invalid_value', `No video with id '${page.after}' to list after.`, {
      param: 'after',
    });
  }
  const videos = await listVideoOverviews(ctx.db, ctx.scope, filter, { ...page, limit: page.limit + 1 });
  return { videos: videos.slice(0, page.limit), hasMore: videos.length > page.limit };
}
