import { type Queryable, schema } from '@reelgate/db';
import { and, desc, eq, notInArray, sql } from 'drizzle-orm';

const { models, prices, upstreamAccounts } = schema;

type ModelRow = typeof models.$inferSelect;
type PriceRow = typeof prices.$inferSelect;

/** With whether the upstream of each takes new work. */
export async function listEnabledModels(
  db: Queryable,
): Promise<{ model: ModelRow; intake: 'open' | 'draining' | 'disabled' }[]> {
  return await db
    .select({ model: models, intake: upstreamAccounts.intake })
    .from(models)
    .innerJoin(upstreamAccounts, eq(upstreamAccounts.id, models.upstreamAccountId))
    .where(eq(models.enabled, true));
}

/** Of every model and size the price that was set last, in force or still to come. */
export async function listLastPrices(db: Queryable): Promise<PriceRow[]> {
  return await db
    .selectDistinctOn([prices.model, prices.size])
    .from(prices)
    .orderBy(prices.model, prices.size, desc(prices.validFrom));
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

export async function insertPrice(db: Queryable, row: typeof prices.$inferInsert): Promise<void> {
  await db.insert(prices).values(row);
}

/** A price, until when it holds, and whether that is now. */
export type PricedRow = PriceRow & {
  readonly validUntil: Date | null;
  readonly state: 'past' | 'current' | 'future';
};

export interface PriceFilter {
  readonly id?: string | undefined;
  readonly model?: string | undefined;
  readonly state?: PricedRow['state'] | undefined;
}

export async function listPriceRows(db: Queryable, filter: PriceFilter): Promise<PricedRow[]> {
  const next = db.$with('next').as(
    db
      .select({
        id: prices.id,
        until:
          sql<Date | null>`lead(${prices.validFrom}) over (partition by ${prices.model}, ${prices.size} order by ${prices.validFrom})`
            .mapWith(prices.validFrom)
            .as('until'),
      })
      .from(prices),
  );
  const state = sql<PricedRow['state']>`case when ${prices.validFrom} > clock_timestamp() then 'future'
    when ${next.until} <= clock_timestamp() then 'past' else 'current' end`;
  const rows = await db
    .with(next)
    .select({ price: prices, validUntil: next.until, state })
    .from(prices)
    .innerJoin(next, eq(next.id, prices.id))
    .where(
      and(
        filter.id === undefined ? undefined : eq(prices.id, filter.id),
        filter.model === undefined ? undefined : eq(prices.model, filter.model),
        filter.state === undefined ? undefined : sql`${state} = ${filter.state}`,
      ),
    )
    .orderBy(prices.model, prices.size, desc(prices.validFrom));
  return rows.map(({ price, validUntil, state: of }) => ({ ...price, validUntil, state: of }));
}

/** The sizes of a model, in use or not. */
export async function findOffer(db: Queryable, name: string): Promise<{ sizes: string[] } | null> {
  const [row] = await db.select({ sizes: models.sizes }).from(models).where(eq(models.name, name));
  return row ?? null;
}

/** Sizes of models in use that have no price now. */
export async function listUnpriced(db: Queryable): Promise<{ model: string; size: string }[]> {
  const { rows } = await db.execute<{ model: string; size: string }>(sql`
    select m.name as model, s.size from models m cross join lateral unnest(m.sizes) as s (size)
     where m.enabled and not exists (
       select from prices p where p.model = m.name and p.size = s.size and p.valid_from <= clock_timestamp())
     order by 1, 2`);
  return rows;
}
