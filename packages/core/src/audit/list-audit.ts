import type { AdminContext } from '../context.ts';
import { type AuditFilter, listAnyAudit, type NamedAuditRow } from './queries.ts';

export interface AuditPage {
  readonly rows: readonly NamedAuditRow[];
  readonly hasMore: boolean;
}

/** Newest first. `after`: the id that the page before ended with. */
export async function listAudit(
  ctx: Pick<AdminContext, 'db'>,
  filter: AuditFilter,
  page: { readonly after: number | null; readonly limit: number },
): Promise<AuditPage> {
  const rows = await listAnyAudit(ctx.db, filter, { beforeId: page.after, limit: page.limit + 1 });
  return { rows: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}
