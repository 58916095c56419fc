import type { AdminContext } from '../context.ts';
import { type LedgerFilter, type LedgerRow, listLedger as queryLedger } from './queries/ledger.ts';

/** Newest first. `after`: the id that the page before ended with. */
export async function listLedger(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  filter: LedgerFilter,
  page: { readonly after: number | null; readonly limit: number },
): Promise<{ rows: readonly LedgerRow[]; hasMore: boolean }> {
  const rows = await queryLedger(ctx.db, ctx.scope, filter, { beforeId: page.after, limit: page.limit + 1 });
  return { rows: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}
