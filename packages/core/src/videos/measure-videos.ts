import type { ServiceContext } from '../context.ts';
import { type Figure, measureAnyVideos } from './queries/index.ts';

/** How everything stands, for metrics and alarms: a few counts, in one statement. */
export async function measureVideos(ctx: Pick<ServiceContext, 'db'>): Promise<readonly Figure[]> {
  return await measureAnyVideos(ctx.db);
}
