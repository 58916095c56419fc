import { type Queryable, schema } from '@reelgate/db';
import { desc, sql } from 'drizzle-orm';
import type { QuotaMetric, QuotaScope, QuotaWindow } from './limits.ts';

const { ledgerChecks } = schema;

/** Two figures of the same thing, from two places, that are not equal. */
export interface LedgerMismatch {
  readonly scopeKind: QuotaScope;
  readonly scopeId: string;
  readonly metric: QuotaMetric;
  readonly window: QuotaWindow;
  /** Null for a window without periods. */
  readonly periodStart: Date | null;
  /** The one video whose share differs; null for the balance of the whole period. */
  readonly videoId: string | null;
  readonly figure: 'reserved' | 'settled';
  readonly book: 'bucket' | 'reservation';
  readonly source: 'ledger' | 'reservations' | 'video' | 'videos';
  /** What the book says and what its source comes to, as decimal strings: micro-US-dollars, seconds or videos. */
  readonly booked: string;
  readonly recomputed: string;
}

export interface LedgerCheck {
  readonly checkedAt: Date;
  /** That were worked out again. */
  readonly balances: number;
  readonly mismatches: number;
  /** The first of them, in words. */
  readonly lines: readonly string[];
  /** Of the first of the checks in a row that found the books to differ; null where they agree. */
  readonly differsSince: Date | null;
}

/** Those of the last thirty days are kept. */
export async function insertLedgerCheck(
  db: Queryable,
  check: Pick<LedgerCheck, 'balances' | 'mismatches' | 'lines'> & { readonly tookMs: number },
): Promise<LedgerCheck> {
  await db.insert(ledgerChecks).values({ ...check, lines: [...check.lines] });
  await db
    .delete(ledgerChecks)
    .where(sql`${ledgerChecks.checkedAt} < clock_timestamp() - interval '30 days'`);
  const kept = await findLastLedgerCheck(db);
  if (!kept) throw new Error('the check of the ledger is not kept');
  return kept;
}

/** Whether the last one is so many times its own duration ago. */
export async function isLedgerCheckDue(db: Queryable, restTimes: number): Promise<boolean> {
  const [last] = await db
    .select({
      isDue: sql<boolean>`${ledgerChecks.checkedAt} < clock_timestamp() - make_interval(secs => ${ledgerChecks.tookMs} / 1000.0 * ${restTimes}::float8)`,
    })
    .from(ledgerChecks)
    .orderBy(desc(ledgerChecks.checkedAt))
    .limit(1);
  return last?.isDue ?? true;
}

export async function findLastLedgerCheck(db: Queryable): Promise<LedgerCheck | null> {
  const [row] = await db
    .select({
      checkedAt: ledgerChecks.checkedAt,
      balances: ledgerChecks.balances,
      mismatches: ledgerChecks.mismatches,
      lines: ledgerChecks.lines,
      differsSince: sql<string | null>`(
        select min(d.checked_at) from ledger_checks d
         where d.mismatches > 0 and d.checked_at > coalesce(
           (select max(a.checked_at) from ledger_checks a where a.mismatches = 0), '-infinity'))`,
    })
    .from(ledgerChecks)
    .orderBy(desc(ledgerChecks.checkedAt))
    .limit(1);
  if (!row) return null;
  return { ...row, differsSince: row.differsSince === null ? null : new Date(row.differsSince) };
}

export async function countBuckets(db: Queryable): Promise<number> {
  return await db.$count(schema.quotaBuckets);
}

/**
 * Works every balance out again, in one statement and so as of one moment: buckets from the ledger, from the reservations and from
 * what the one definition of spend says of their period, each reservation from the ledger, and its settled cost from its video.
 * Spend knows nothing of leaky windows, nor of a limit once it is retired.
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
             case when l.metric = 'cost' then case when v.charge = 'settled' then v.final_micro else 0 end
                  else coalesce(r.settled_amount, 0) end as final
        from quota_reservations r
        join quota_buckets b on b.id = r.bucket_id
        join quota_limits l on l.id = b.limit_id
        join videos v on v.id = r.video_id
    ), by_bucket as (
      select b.*, coalesce(l.reserved, 0) as ledger_reserved, coalesce(l.settled, 0) as ledger_settled,
             coalesce(r.reserved, 0) as held, coalesce(r.settled, 0) + coalesce(l.settled_before, 0) as spent
        from quota_buckets b
        left join (select bucket_id, sum(reserved) as reserved, sum(settled) as settled,
                          sum(settled) filter (where video_id is null) as settled_before from ledger group by 1) l
          on l.bucket_id = b.id
        left join (select bucket_id, sum(reserved) as reserved, sum(settled) as settled from reservations group by 1) r
          on r.bucket_id = b.id
    ), by_video as (
      select coalesce(r.bucket_id, l.bucket_id) as bucket_id, coalesce(r.video_id, l.video_id) as video_id,
             coalesce(r.reserved, 0) as reserved, coalesce(r.settled, 0) as settled, coalesce(r.final, 0) as final,
             coalesce(l.reserved, 0) as ledger_reserved, coalesce(l.settled, 0) as ledger_settled
        from reservations r
        full join (select * from ledger where video_id is not null) l on l.bucket_id = r.bucket_id and l.video_id = r.video_id
    ), by_spend as (
      select b.limit_id, b.period_start, b.reserved, b.settled, s.reserved as spend_reserved, s.settled as spend_settled
        from quota_buckets b
        join quota_limits l on l.id = b.limit_id
       cross join lateral (
         select coalesce(sum(v.reserved), 0) as reserved, coalesce(sum(v.settled), 0) as settled
           from spend_of_limit(l, b.period_start, b.period_end) v) s
       where l."window" <> 'leaky' and l.retired_at is null and (b.period_end is null or b.period_end > l.created_at)
    ), compared as (
      select b.limit_id, b.period_start, null as video_id, f.*
        from by_bucket b cross join lateral (values
          ('reserved', 'bucket', 'ledger', b.reserved, b.ledger_reserved),
          ('settled', 'bucket', 'ledger', b.settled, b.ledger_settled),
          ('reserved', 'bucket', 'reservations', b.reserved, b.held),
          ('settled', 'bucket', 'reservations', b.settled, b.spent)) as f (figure, book, source, booked, recomputed)
      union all
      select b.limit_id, b.period_start, null as video_id, f.*
        from by_spend b cross join lateral (values
          ('reserved', 'bucket', 'videos', b.reserved, b.spend_reserved),
          ('settled', 'bucket', 'videos', b.settled, b.spend_settled)) as f (figure, book, source, booked, recomputed)
      union all
      select b.limit_id, b.period_start, v.video_id, f.*
        from by_video v join quota_buckets b on b.id = v.bucket_id cross join lateral (values
          ('reserved', 'reservation', 'ledger', v.reserved, v.ledger_reserved),
          ('settled', 'reservation', 'ledger', v.settled, v.ledger_settled),
          ('settled', 'reservation', 'video', v.settled, v.final)) as f (figure, book, source, booked, recomputed)
    )
    select l.scope_kind as "scopeKind", l.scope_id as "scopeId", l.metric, l."window",
           case when l."window" in ('day', 'month') then c.period_start end as "periodStart", c.video_id as "videoId",
           c.figure, c.book, c.source, c.booked::text as booked, c.recomputed::text as recomputed
      from compared c join quota_limits l on l.id = c.limit_id
     where c.booked <> c.recomputed
     order by l.scope_kind, l.scope_id, l.metric, l."window", c.period_start, c.video_id nulls first, c.figure, c.source`);
  return rows.map((row) => ({
    ...row,
    periodStart: row.periodStart === null ? null : new Date(row.periodStart),
  }));
}
