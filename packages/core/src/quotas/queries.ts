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

/** Two figures of the same thing, from two places, that are not equal. */
export interface LedgerMismatch {
  readonly scopeKind: 'org' | 'team' | 'key';
  readonly scopeId: string;
  readonly metric: QuotaMetric;
  readonly window: 'month' | 'day' | 'none';
  /** Null for a window without periods, and for a video that no period of the limit counts. */
  readonly periodStart: Date | null;
  /** The one video whose share differs; null for the balance of the whole period. */
  readonly videoId: string | null;
  readonly figure: 'reserved' | 'settled';
  readonly book: 'bucket' | 'reservation';
  readonly source: 'ledger' | 'reservations' | 'video';
  /** What the book says and what its source comes to, as decimal strings: micro-US-dollars, seconds or videos. */
  readonly booked: string;
  readonly recomputed: string;
}

export async function countBuckets(db: Queryable): Promise<number> {
  return await db.$count(schema.quotaBuckets);
}

/**
 * Works every balance out again, in one statement and so as of one moment: buckets from the ledger and from the reservations,
 * each reservation from the ledger, and its settled cost from its video. A video from before its limit is rightly not counted.
 */
export async function listLedgerMismatches(db: Queryable): Promise<LedgerMismatch[]> {
  const { rows } = await db.execute<
    Omit<LedgerMismatch, 'periodStart'> & { periodStart: Date | string | null }
  >(sql`
    with ledger as (
      select bucket_id, video_id, sum(d_reserved) as reserved, sum(d_settled) as settled
        from quota_ledger group by bucket_id, video_id
    ), reservations as (
      select r.bucket_id, r.video_id, case when r.state in ('held', 'parked') then r.amount else 0 end as reserved,
             coalesce(r.settled_amount, 0) as settled,
             case when l.metric = 'cost' then coalesce(v.final_micro, 0) else coalesce(r.settled_amount, 0) end as final
        from quota_reservations r
        join quota_buckets b on b.id = r.bucket_id
        join quota_limits l on l.id = b.limit_id
        join videos v on v.id = r.video_id
    ), by_bucket as (
      select b.*, coalesce(l.reserved, 0) as ledger_reserved, coalesce(l.settled, 0) as ledger_settled,
             coalesce(r.reserved, 0) as held, coalesce(r.settled, 0) as spent
        from quota_buckets b
        left join (select bucket_id, sum(reserved) as reserved, sum(settled) as settled from ledger group by 1) l
          on l.bucket_id = b.id
        left join (select bucket_id, sum(reserved) as reserved, sum(settled) as settled from reservations group by 1) r
          on r.bucket_id = b.id
    ), by_video as (
      select coalesce(r.bucket_id, l.bucket_id) as bucket_id, coalesce(r.video_id, l.video_id) as video_id,
             coalesce(r.reserved, 0) as reserved, coalesce(r.settled, 0) as settled, coalesce(r.final, 0) as final,
             coalesce(l.reserved, 0) as ledger_reserved, coalesce(l.settled, 0) as ledger_settled
        from reservations r full join ledger l on l.bucket_id = r.bucket_id and l.video_id = r.video_id
    ), cost_limits as (
      select l.id, l.scope_kind, l.scope_id, min(e.at) as counts_from
        from quota_limits l join quota_buckets b on b.limit_id = l.id join quota_ledger e on e.bucket_id = b.id
       where l.metric = 'cost' group by l.id
    ), compared as (
      select b.limit_id, b.period_start, null as video_id, f.*
        from by_bucket b cross join lateral (values
          ('reserved', 'bucket', 'ledger', b.reserved, b.ledger_reserved),
          ('settled', 'bucket', 'ledger', b.settled, b.ledger_settled),
          ('reserved', 'bucket', 'reservations', b.reserved, b.held),
          ('settled', 'bucket', 'reservations', b.settled, b.spent)) as f (figure, book, source, booked, recomputed)
      union all
      select b.limit_id, b.period_start, v.video_id, f.*
        from by_video v join quota_buckets b on b.id = v.bucket_id cross join lateral (values
          ('reserved', 'reservation', 'ledger', v.reserved, v.ledger_reserved),
          ('settled', 'reservation', 'ledger', v.settled, v.ledger_settled),
          ('settled', 'reservation', 'video', v.settled, v.final)) as f (figure, book, source, booked, recomputed)
      union all
      select l.id, null, v.id, 'settled', 'reservation', 'video', 0, v.final_micro
        from cost_limits l
        join videos v on v.created_at > l.counts_from
         and (l.scope_kind = 'org' or l.scope_id = case l.scope_kind when 'team' then v.team_id else v.key_id end)
       where v.final_micro is not null and not exists (
         select from quota_reservations r join quota_buckets b on b.id = r.bucket_id
          where r.video_id = v.id and b.limit_id = l.id)
    )
    select l.scope_kind as "scopeKind", l.scope_id as "scopeId", l.metric, l."window",
           case when l."window" <> 'none' then c.period_start end as "periodStart", c.video_id as "videoId",
           c.figure, c.book, c.source, c.booked::text as booked, c.recomputed::text as recomputed
      from compared c join quota_limits l on l.id = c.limit_id
     where c.booked <> c.recomputed
     order by l.scope_kind, l.scope_id, l.metric, l."window", c.period_start, c.video_id nulls first, c.figure, c.source`);
  return rows.map((row) => ({
    ...row,
    periodStart: row.periodStart === null ? null : new Date(row.periodStart),
  }));
}

/** For a reading of whole tables, which takes as long as it takes. Until the end of the transaction. */
export async function liftStatementTimeout(tx: Queryable): Promise<void> {
  await tx.execute(sql`set local statement_timeout = 0`);
}
