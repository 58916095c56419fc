import type { AdminContext } from '../context.ts';
import type { AllVideosFilter } from './queries/conditions.ts';
import { countFacets, type FacetCount } from './queries/videos.ts';

/** How many videos there are of each value of each filter, under all the others. */
export async function countAllVideos(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  filter: AllVideosFilter,
): Promise<readonly FacetCount[]> {
  return await countFacets(ctx.db, ctx.scope, filter);
}
