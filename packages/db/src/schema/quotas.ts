import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';
import { videos } from './videos.ts';

/** Cost in micro-US-dollars, seconds of video, count of videos, videos in flight. */
const amount = (name: string) => bigint(name, { mode: 'bigint' });

/** A limit on one metric, for one scope, over one window. A null `hard` only counts. */
export const quotaLimits = pgTable(
  'quota_limits',
  {
    id: text('id').primaryKey(),
    scopeKind: text('scope_kind').$type<'org' | 'team' | 'key'>().notNull(),
    scopeId: text('scope_id').notNull(),
    metric: text('metric').$type<'cost' | 'seconds' | 'videos' | 'concurrent'>().notNull(),
    window: text('window').$type<'month' | 'day' | 'none'>().notNull(),
    timeZone: text('tz').notNull().default('UTC'),
    hard: amount('hard'),
    soft: amount('soft'),
    updatedBy: text('updated_by'),
    updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    unique('quota_limits_scope').on(t.scopeKind, t.scopeId, t.metric, t.window),
    check('quota_limits_scope_kind', sql`${t.scopeKind} in ('org','team','key')`),
    check('quota_limits_metric', sql`${t.metric} in ('cost','seconds','videos','concurrent')`),
    check('quota_limits_window', sql`${t.window} in ('month','day','none')`),
    check('quota_limits_concurrent_has_no_window', sql`${t.metric} <> 'concurrent' or ${t.window} = 'none'`),
    check('quota_limits_not_negative', sql`coalesce(${t.hard}, 0) >= 0 and coalesce(${t.soft}, 0) >= 0`),
  ],
);

/** What one limit has seen in one period. The check is the last line of defence: a bug can fail, it cannot overspend. */
export const quotaBuckets = pgTable(
  'quota_buckets',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    limitId: text('limit_id')
      .notNull()
      .references(() => quotaLimits.id),
    periodStart: at('period_start').notNull(),
    /** Null for a window that never ends. */
    periodEnd: at('period_end'),
    hardLimit: amount('hard_limit'),
    overrunAllowed: amount('overrun_allowed').notNull().default(sql`0`),
    reserved: amount('reserved').notNull().default(sql`0`),
    settled: amount('settled').notNull().default(sql`0`),
    softFiredAt: at('soft_fired_at'),
  },
  (t) => [
    unique('quota_buckets_period').on(t.limitId, t.periodStart),
    check('quota_buckets_reserved', sql`${t.reserved} >= 0`),
    check('quota_buckets_settled', sql`${t.settled} >= 0`),
    check(
      'quota_buckets_never_over',
      sql`${t.hardLimit} is null or ${t.reserved} + ${t.settled} <= ${t.hardLimit} + ${t.overrunAllowed}`,
    ),
  ],
);

export const quotaReservations = pgTable(
  'quota_reservations',
  {
    videoId: text('video_id')
      .notNull()
      .references(() => videos.id),
    bucketId: bigint('bucket_id', { mode: 'number' })
      .notNull()
      .references(() => quotaBuckets.id),
    amount: amount('amount').notNull(),
    state: text('state').$type<'held' | 'settled' | 'released' | 'parked'>().notNull().default('held'),
    settledAmount: amount('settled_amount'),
    /** When to look again; a hold never ends by itself. */
    holdUntil: at('hold_until'),
  },
  (t) => [
    primaryKey({ columns: [t.videoId, t.bucketId] }),
    index('quota_reservations_bucket').on(t.bucketId),
    check('quota_reservations_state', sql`${t.state} in ('held','settled','released','parked')`),
    check('quota_reservations_amount', sql`${t.amount} >= 0`),
  ],
);

/** Append-only: a trigger refuses every change. Buckets are sums of these rows. */
export const quotaLedger = pgTable(
  'quota_ledger',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    bucketId: bigint('bucket_id', { mode: 'number' })
      .notNull()
      .references(() => quotaBuckets.id),
    videoId: text('video_id').references(() => videos.id),
    kind: text('kind').$type<'reserve' | 'settle' | 'release' | 'overrun' | 'adjust' | 'grant'>().notNull(),
    deltaReserved: amount('d_reserved').notNull(),
    deltaSettled: amount('d_settled').notNull(),
    /** Makes a second booking of the same fact a unique violation. */
    idempotencyKey: text('idem').notNull().unique(),
    actor: text('actor'),
    reason: text('reason'),
    at: at('at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    index('quota_ledger_bucket').on(t.bucketId),
    index('quota_ledger_video').on(t.videoId),
    check('quota_ledger_kind', sql`${t.kind} in ('reserve','settle','release','overrun','adjust','grant')`),
  ],
);
