import type { Database } from '@reelgate/db';
import { listPriceRows, listUnpriced, type PricedRow, type PriceFilter } from './queries.ts';

/** The price book: by model and size, newest first. */
export async function listPrices(ctx: { db: Database }, filter: PriceFilter): Promise<PricedRow[]> {
  return await listPriceRows(ctx.db, filter);
}

/** What a model offers and nobody has priced: it is refused. */
export async function listMissingPrices(ctx: { db: Database }): Promise<{ model: string; size: string }[]> {
  return await listUnpriced(ctx.db);
}
