import { type Queryable, schema } from '@reelgate/db';
import { sql } from 'drizzle-orm';

const { quotaLimits } = schema;

export type QuotaMetric = 'cost' | 'seconds' | 'videos' | 'concurrent';
export type QuotaAmounts = Partial<Record<QuotaMetric, string>>;

/** Ends a video's reservations, once: settled with the actual amounts, or released. */
export async function finishReservations(
  db: Queryable,
  videoId: string,
  actual: QuotaAmounts | null,
): Promise<void> {
  await db.execute(
    sql`select quota_finish(${videoId}, ${actual === null ? null : JSON.stringify(actual)}::jsonb)`,
  );
}

/** What a video may have cost counts as spent until an admin decides; it is no longer in flight. */
export async function parkReservations(db: Queryable, videoId: string): Promise<void> {
  await db.execute(sql`select quota_park(${videoId})`);
}

/**
 * Sets a limit, for the open period too. A limit below what is used already refuses new videos and ends nothing. Without a time
 * zone it keeps its own: with another one its period is another, which begins with nothing used.
 */
export async function upsertQuotaLimit(
  db: Queryable,
  row: {
    id: string;
    scopeKind: 'org' | 'team' | 'key';
    scopeId: string;
    metric: QuotaMetric;
    window: 'month' | 'day' | 'none';
    timeZone: string | undefined;
    hard: bigint | null;
  },
): Promise<void> {
  const { timeZone, ...values } = row;
  const [limit] = await db
    .insert(quotaLimits)
    .values({ ...values, timeZone: timeZone ?? 'UTC' })
    .onConflictDoUpdate({
      target: [quotaLimits.scopeKind, quotaLimits.scopeId, quotaLimits.metric, quotaLimits.window],
      set: {
        hard: row.hard,
        updatedAt: sql`clock_timestamp()`,
        ...(timeZone === undefined ? {} : { timeZone }),
      },
    })
    .returning({ id: quotaLimits.id });
  const hard = row.hard === null ? null : row.hard.toString();
  await db.execute(sql`
    update quota_buckets
       set hard_limit = ${hard}::bigint,
           overrun_allowed = greatest(0, reserved + settled - coalesce(${hard}::bigint, reserved + settled))
     where limit_id = ${limit?.id} and (period_end is null or period_end > clock_timestamp())`);
}

/**
 * Every limit that applies to a video, as it stands now, in the order in which a reservation takes them. Amounts are decimal
 * strings; a null `hard` only counts.
 */
export async function lookAtLimits(
  db: Queryable,
  teamId: string,
  keyId: string,
  amounts: QuotaAmounts,
): Promise<unknown[]> {
  const { rows } = await db.execute<{ state: unknown }>(
    sql`select state from quota_look(${keyId}, ${teamId}, 'org', ${JSON.stringify(amounts)}::jsonb) as state`,
  );
  return rows.map((row) => row.state);
}
