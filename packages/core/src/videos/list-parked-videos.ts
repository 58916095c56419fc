import type { AdminContext } from '../context.ts';
import { listParked, type ParkedVideo } from './queries/index.ts';

/** Videos whose cost waits for a decision, the newest first. `after`: the id that the page before ended with. */
export async function listParkedVideos(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  page: { readonly teamId?: string | undefined; readonly after: string | null; readonly limit: number },
): Promise<{ readonly videos: readonly ParkedVideo[]; readonly hasMore: boolean }> {
  const rows = await listParked(ctx.db, ctx.scope, { ...page, limit: page.limit + 1 });
  return { videos: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}
