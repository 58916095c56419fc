import type { AdminContext } from '../context.ts';
import type { AllVideosFilter } from './queries/conditions.ts';
import { countFacets, type FacetCounts } from './queries/facets.ts';

/** Of more than these the newest are counted. */
const COUNTED = 50_000;

/** How many videos there are of each value of each filter, under all the others. */
export async function countAllVideos(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  filter: AllVideosFilter,
  newest: number = COUNTED,
): Promise<FacetCounts> {
  return await countFacets(ctx.db, ctx.scope, filter, newest);
}
