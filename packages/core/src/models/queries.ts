import { type Queryable, schema } from '@reelgate/db';
import { and, desc, eq, notInArray, sql } from 'drizzle-orm';

const { models, prices, upstreamAccounts } = schema;

export type ModelRow = typeof models.$inferSelect;
export type PriceRow = typeof prices.$inferSelect;

export async function listEnabledModels(db: Queryable): Promise<ModelRow[]> {
  return await db.select().from(models).where(eq(models.enabled, true));
}

/** The price in force now of every model and size. */
export async function listCurrentPrices(db: Queryable): Promise<PriceRow[]> {
  return await db
    .selectDistinctOn([prices.model, prices.size])
    .from(prices)
    .where(sql`${prices.validFrom} <= clock_timestamp()`)
    .orderBy(prices.model, prices.size, desc(prices.validFrom));
}

export async function upsertUpstreamAccount(
  db: Queryable,
  row: {
    id: string;
    kind: string;
    baseUrl: string;
    secretRef: string | null;
    capabilities: Record<string, unknown>;
    isTest: boolean;
  },
): Promise<void> {
  await db
    .insert(upstreamAccounts)
    .values(row)
    .onConflictDoUpdate({
      target: upstreamAccounts.id,
      set: { ...row, updatedAt: sql`clock_timestamp()` },
    });
}

/** Upstreams that the configuration no longer names make no videos of test keys. */
export async function unmarkOtherUpstreams(db: Queryable, names: readonly string[]): Promise<void> {
  await db
    .update(upstreamAccounts)
    .set({ isTest: false })
    .where(and(eq(upstreamAccounts.isTest, true), notInArray(upstreamAccounts.id, [...names])));
}

/** The upstream for tests, or null. */
export async function findTestUpstream(db: Queryable): Promise<string | null> {
  const [row] = await db
    .select({ id: upstreamAccounts.id })
    .from(upstreamAccounts)
    .where(eq(upstreamAccounts.isTest, true));
  return row?.id ?? null;
}

export async function upsertModel(
  db: Queryable,
  row: Omit<ModelRow, 'enabled' | 'updatedAt'>,
): Promise<void> {
  await db
    .insert(models)
    .values(row)
    .onConflictDoUpdate({
      target: models.name,
      set: { ...row, enabled: true, updatedAt: sql`clock_timestamp()` },
    });
}

/** Models that the configuration no longer names: kept for their videos, refused for new ones. */
export async function disableOtherModels(db: Queryable, names: readonly string[]): Promise<void> {
  await db
    .update(models)
    .set({ enabled: false })
    .where(and(eq(models.enabled, true), sql`not (${models.name} = any(${sql.param([...names])}))`));
}

export async function insertPrice(
  db: Queryable,
  row: { id: string; model: string; size: string; perSecondMicroUsd: bigint },
): Promise<void> {
  await db.insert(prices).values(row);
}
