import type { AdminContext } from '../context.ts';
import { listAnyOrphans, type OrphanRow } from './queries/index.ts';

/** Where one orphan is. */
export interface OrphanPlace {
  readonly accountId: string;
  readonly upstreamId: string;
}

/** Videos that an upstream shows and nothing explains. They belong to no team, so only an admin of everything may ask. */
export async function listOrphans(
  ctx: Pick<AdminContext, 'db'>,
  filter: { readonly accountId?: string | undefined; readonly state?: OrphanRow['state'] | undefined },
  page: { readonly after: OrphanPlace | null; readonly limit: number },
): Promise<{ readonly orphans: readonly OrphanRow[]; readonly hasMore: boolean }> {
  const rows = await listAnyOrphans(ctx.db, filter, { ...page, limit: page.limit + 1 });
  return { orphans: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}
