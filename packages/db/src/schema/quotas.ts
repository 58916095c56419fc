import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { at } from './columns.ts';
import { teams } from './teams.ts';
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
    /** `none` never ends. `leaky` empties evenly, a whole `hard` in `spanSeconds`. */
    window: text('window').$type<'month' | 'day' | 'none' | 'leaky'>().notNull(),
    /** Of a leaky window; else 0. */
    spanSeconds: integer('span_seconds').notNull().default(0),
    /** The organization's. */
    timeZone: text('tz').notNull().default('UTC'),
    /** Counts only videos of this model, where there is one. */
    model: text('model'),
    /** Counts only videos that have all of these labels. */
    tags: jsonb('tags').$type<Record<string, string>>().notNull().default({}),
    hard: amount('hard'),
    /** Told when it is passed, and refuses nothing. */
    soft: amount('soft'),
    /** Per cent of the hard limit, or of the soft one where that is all there is: told once in each period. */
    thresholds: integer('thresholds').array().notNull().default(sql`'{50,80,100}'`),
    /** Grows with each change, so that nobody overwrites what they have not seen. */
    version: integer('version').notNull().default(1),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    updatedBy: text('updated_by'),
    updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
    /** Counts nothing any more; kept for its ledger. */
    retiredAt: at('retired_at'),
  },
  (t) => [
    uniqueIndex('quota_limits_once')
      .on(t.scopeKind, t.scopeId, t.metric, t.window, t.spanSeconds, sql`coalesce(${t.model}, '')`, t.tags)
      .where(sql`${t.retiredAt} is null`),
    check('quota_limits_scope_kind', sql`${t.scopeKind} in ('org','team','key')`),
    check('quota_limits_metric', sql`${t.metric} in ('cost','seconds','videos','concurrent')`),
    check('quota_limits_window', sql`${t.window} in ('month','day','none','leaky')`),
    check('quota_limits_span', sql`(${t.window} = 'leaky') = (${t.spanSeconds} > 0)`),
    check('quota_limits_leaky_has_limit', sql`${t.window} <> 'leaky' or ${t.hard} is not null`),
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
    /** What temporary grants add to the hard limit, and when the first of them ends. */
    granted: amount('granted').notNull().default(sql`0`),
    grantedUntil: at('granted_until'),
    reserved: amount('reserved').notNull().default(sql`0`),
    settled: amount('settled').notNull().default(sql`0`),
    /** What a leaky window has let go of, up to when. */
    leaked: amount('leaked').notNull().default(sql`0`),
    leakedAt: at('leaked_at'),
    /** From this level on there is something to tell; null where nothing is left to tell. */
    alertAt: amount('alert_at'),
    /** The thresholds that have been told. */
    fired: integer('fired').array().notNull().default(sql`'{}'`),
    softFiredAt: at('soft_fired_at'),
    exhaustedAt: at('exhausted_at'),
  },
  (t) => [
    unique('quota_buckets_period').on(t.limitId, t.periodStart),
    check('quota_buckets_reserved', sql`${t.reserved} >= 0`),
    check('quota_buckets_settled', sql`${t.settled} >= 0`),
    check(
      'quota_buckets_never_over',
      sql`${t.hardLimit} is null or ${t.reserved} + ${t.settled} - ${t.leaked} <= ${t.hardLimit} + ${t.granted} + ${t.overrunAllowed}`,
    ),
    check('quota_buckets_leaked', sql`${t.leaked} between 0 and ${t.reserved} + ${t.settled}`),
  ],
);

/** More for a while: raises a hard limit until it ends by itself. */
export const quotaGrants = pgTable(
  'quota_grants',
  {
    id: text('id').primaryKey(),
    limitId: text('limit_id')
      .notNull()
      .references(() => quotaLimits.id),
    amount: amount('amount').notNull(),
    reason: text('reason').notNull(),
    grantedBy: text('granted_by').notNull(),
    grantedByName: text('granted_by_name').notNull().default(''),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    endsAt: at('ends_at').notNull(),
    revokedAt: at('revoked_at'),
  },
  (t) => [
    index('quota_grants_limit').on(t.limitId, t.endsAt),
    check('quota_grants_amount', sql`${t.amount} > 0`),
    check('quota_grants_reason', sql`${t.reason} <> ''`),
  ],
);

/** What the check of the ledger found, each time: the newest says how the books stand. */
export const ledgerChecks = pgTable('ledger_checks', {
  checkedAt: at('checked_at').primaryKey().default(sql`clock_timestamp()`),
  tookMs: integer('took_ms').notNull(),
  balances: integer('balances').notNull(),
  mismatches: integer('mismatches').notNull(),
  /** The first of them, in words. */
  lines: text('lines').array().notNull(),
});

/** A team asks for more of a limit. Approval makes a grant. */
export const budgetRequests = pgTable(
  'budget_requests',
  {
    id: text('id').primaryKey(),
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    limitId: text('limit_id')
      .notNull()
      .references(() => quotaLimits.id),
    amount: amount('amount').notNull(),
    reason: text('reason').notNull(),
    state: text('state').$type<'open' | 'approved' | 'denied' | 'withdrawn'>().notNull().default('open'),
    /** Whoever it was, with the name they had then. */
    requestedBy: text('requested_by').notNull(),
    requestedByName: text('requested_by_name').notNull(),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    decidedBy: text('decided_by'),
    decidedByName: text('decided_by_name'),
    decidedAt: at('decided_at'),
    note: text('note'),
    grantId: text('grant_id').references(() => quotaGrants.id),
  },
  (t) => [
    uniqueIndex('budget_requests_one_open').on(t.teamId, t.limitId).where(sql`${t.state} = 'open'`),
    index('budget_requests_newest').on(t.createdAt),
    check('budget_requests_state', sql`${t.state} in ('open','approved','denied','withdrawn')`),
    check('budget_requests_amount', sql`${t.amount} > 0`),
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
