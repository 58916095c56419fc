import type { Database } from '@reelgate/db';
import { getKey } from './get-key.ts';
import { type KeyFilter, type KeyScope, type KeyView, listKeyViews } from './queries.ts';

/** Newest first. `after`: the id that the page before ended with. */
export async function listKeys(
  ctx: { db: Database; scope: KeyScope },
  filter: Omit<KeyFilter, 'ids'>,
  page: { readonly after: string | null; readonly limit: number },
): Promise<{ keys: readonly KeyView[]; hasMore: boolean }> {
  const afterId = page.after === null ? null : (await getKey(ctx, page.after)).id;
  const keys = await listKeyViews(ctx.db, ctx.scope, filter, { afterId, limit: page.limit + 1 });
  return { keys: keys.slice(0, page.limit), hasMore: keys.length > page.limit };
}
