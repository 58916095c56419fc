import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { at, microUsd } from './columns.ts';
import { apiKeys } from './keys.ts';
import { prices, upstreamAccounts } from './models.ts';
import { teams } from './teams.ts';

/**
 * One video job and its result. Each row that is due (`next_action_at`) is its own outbox: a queue job is only a hint.
 * A row is worked on by whoever holds its lease; every write of the holder is fenced by `lease_epoch`.
 */
export const videos = pgTable(
  'videos',
  {
    id: text('id').primaryKey(),
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    keyId: text('key_id').notNull(),
    /** Made with a test key: it costs nothing, and only the limits of the key itself count it. */
    isTest: boolean('is_test').notNull().default(false),
    operation: text('operation').notNull(),
    model: text('model').notNull(),
    upstreamAccountId: text('upstream_account_id')
      .notNull()
      .references(() => upstreamAccounts.id),
    upstreamModel: text('upstream_model').notNull(),
    prompt: text('prompt').notNull(),
    /** Fields that Reelgate does not interpret and forwards as they came. */
    params: jsonb('params').$type<Record<string, unknown>>().notNull().default({}),
    /** What goes along with the prompt: uploads, references, characters. Their bytes lie in the object store. */
    inputs: jsonb('inputs').$type<Record<string, unknown>[]>().notNull().default([]),
    /** The caller's own labels, for finding and charging back. */
    metadata: jsonb('metadata').$type<Record<string, string>>().notNull().default({}),
    /** SHA-256 of everything the caller asked for, and of the part that an upstream's list shows again. */
    fullFingerprint: text('full_fp').notNull(),
    visibleFingerprint: text('visible_fp').notNull(),
    /** Of the result; for an extension the whole stitched video. */
    seconds: integer('seconds').notNull(),
    /** What is paid for; for an extension the added segment alone. */
    billedSeconds: integer('billed_seconds').notNull(),
    size: text('size').notNull(),

    state: text('state').notNull(),
    stateVersion: integer('state_version').notNull().default(0),
    progress: integer('progress').notNull().default(0),
    upstreamId: text('upstream_id'),
    /** What the adapter needs to find the job again; opaque to everything else. */
    upstreamHandle: jsonb('upstream_handle').$type<Record<string, unknown>>(),
    upstreamCreatedAt: at('upstream_created_at'),
    upstreamExpiresAt: at('upstream_expires_at'),
    archiveDeadlineAt: at('archive_deadline_at'),

    nextActionAt: at('next_action_at'),
    leaseOwner: text('lease_owner'),
    leaseUntil: at('lease_until'),
    leaseEpoch: bigint('lease_epoch', { mode: 'number' }).notNull().default(0),
    /** Failed attempts in a row at what is due now; backs off, and quarantines at the end. */
    failures: integer('failures').notNull().default(0),
    /** Unexpected errors in a row at what is due now. */
    faults: integer('faults').notNull().default(0),
    quarantinedAt: at('quarantined_at'),
    /** When operators were told that what is due now is in danger or takes far too long. */
    alertedAt: at('alerted_at'),

    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    /** What its upstream said of a failure besides code and message, as far as callers may see it. */
    errorDetails: jsonb('error_details').$type<Record<string, unknown>>(),
    parentId: text('parent_id').references((): AnyPgColumn => videos.id),
    rootId: text('root_id'),

    priceId: text('price_id')
      .notNull()
      .references(() => prices.id),
    unitPriceMicroUsd: microUsd('unit_price_micro').notNull(),
    estimatedMicroUsd: microUsd('est_micro').notNull(),
    finalMicroUsd: microUsd('final_micro'),
    /** What became of its reservation, whether or not a limit counted it: `open` and `parked` count as if it were paid. */
    charge: text('charge').$type<'open' | 'parked' | 'settled' | 'released'>().notNull().default('open'),

    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    /** When the answer to its create was wholly sent; null while its caller may not know of it. */
    answeredAt: at('answered_at'),
    /** When it was first asked for by its id, by somebody who therefore has its answer. Not noted once it is old. */
    readAt: at('read_at'),
    /** The last of its own SDK's retries that was answered with this video; 1 for a repeated idempotency key. */
    adoptedRetries: integer('adopted_retries').notNull().default(0),
    adoptedAt: at('adopted_at'),
    /** Which try of an SDK made it; 0 for the first. */
    madeByRetry: integer('made_by_retry').notNull().default(0),
    submittedAt: at('submitted_at'),
    /** When the upstream was first seen at work on it; queued there until then. */
    startedAt: at('started_at'),
    completedAt: at('completed_at'),
    storedAt: at('stored_at'),
    deleteRequestedAt: at('delete_requested_at'),
    deletedAt: at('deleted_at'),
    purgedAt: at('purged_at'),
    /** Kept whatever retention and its owner say, until an administrator lifts the hold. */
    legalHoldAt: at('legal_hold_at'),
    legalHoldReason: text('legal_hold_reason'),
    /** What becomes of the upstream's own copy: kept there, due to be erased, erased. */
    upstreamCopy: text('upstream_copy').$type<'kept' | 'due' | 'erased'>().notNull().default('kept'),
  },
  (t) => [
    unique('videos_upstream_once').on(t.upstreamAccountId, t.upstreamId),
    unique('videos_id_team').on(t.id, t.teamId),
    foreignKey({
      name: 'videos_parent_same_team',
      columns: [t.parentId, t.teamId],
      foreignColumns: [t.id, t.teamId],
    }),
    foreignKey({
      name: 'videos_key_same_team',
      columns: [t.keyId, t.teamId],
      foreignColumns: [apiKeys.id, apiKeys.teamId],
    }),
    check(
      'videos_state_known',
      sql`${t.state} in ('accepted','submitting','unknown','rendering','archiving','stored','partly_stored','content_lost','failed','purged')`,
    ),
    check(
      'videos_upstream_id_when_accepted',
      sql`${t.upstreamId} is not null or ${t.state} not in ('rendering','archiving','stored','partly_stored','content_lost')`,
    ),
    check(
      'videos_no_upstream_id_before',
      sql`${t.upstreamId} is null or ${t.state} not in ('accepted','submitting','unknown')`,
    ),
    // A purged or stored row is never due unless its owner asked for its deletion.
    check(
      'videos_terminal_not_due',
      sql`${t.state} not in ('stored','partly_stored','content_lost','purged') or ${t.nextActionAt} is null or (${t.deleteRequestedAt} is not null and ${t.state} <> 'purged')`,
    ),
    check('videos_seconds', sql`${t.seconds} between 1 and 3600 and ${t.billedSeconds} between 1 and 3600`),
    check('videos_progress', sql`${t.progress} between 0 and 100`),
    check('videos_charge', sql`${t.charge} in ('open','parked','settled','released')`),
    // For what was spent in a period, and for the newest of all teams.
    index('videos_by_time').on(t.createdAt),
    index('videos_due').on(t.nextActionAt).where(sql`${t.nextActionAt} is not null`),
    index('videos_team_newest').on(t.teamId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    // For the polls of an account: what is due there, and how far back in its list.
    index('videos_rendering').on(t.upstreamAccountId, t.nextActionAt).where(sql`${t.state} = 'rendering'`),
    index('videos_stored')
      .on(t.teamId, t.storedAt)
      .where(sql`${t.state} in ('stored','partly_stored') and ${t.deleteRequestedAt} is null`),
    index('videos_quarantined').on(t.quarantinedAt).where(sql`${t.quarantinedAt} is not null`),
    index('videos_upstream_copy_due').on(t.storedAt).where(sql`${t.upstreamCopy} = 'due'`),
    check('videos_upstream_copy', sql`${t.upstreamCopy} in ('kept','due','erased')`),
    index('videos_archive_deadline').on(t.archiveDeadlineAt).where(sql`${t.state} = 'archiving'`),
    // For the retries that an SDK sends by itself: the same request of the same key, a moment ago.
    index('videos_repeated').on(t.keyId, t.fullFingerprint, t.createdAt),
    // For callers who would rather have the finished video of the same request.
    index('videos_reusable').on(t.teamId, t.fullFingerprint, t.createdAt).where(sql`${t.state} = 'stored'`),
    index('videos_metadata').using('gin', t.metadata),
    // For administrators: what is not simply done; one error; one lineage; words of the prompt. Every
    // update of a row writes its indexes, so a video that is under way is in few of them.
    index('videos_not_done').on(t.state, t.createdAt).where(sql`${t.state} not in ('stored','purged')`),
    index('videos_error').on(t.errorCode, t.createdAt).where(sql`${t.errorCode} is not null`),
    index('videos_root').on(t.rootId),
    index('videos_prompt')
      .using('gin', sql`to_tsvector('simple', ${t.prompt})`)
      .where(sql`${t.state} in ('stored','partly_stored','content_lost','failed','purged')`),
    index('videos_parent').on(t.parentId).where(sql`${t.parentId} is not null`),
  ],
);

/** How many days a team's finished videos are kept. A team without a row keeps them. */
export const retentionRules = pgTable(
  'retention_rules',
  {
    teamId: text('team_id')
      .primaryKey()
      .references(() => teams.id),
    days: integer('days').notNull(),
    updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [check('retention_rules_days', sql`${t.days} between 1 and 36500`)],
);

/** A caller's own key for a request; kept 30 days. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    route: text('route').notNull(),
    key: text('key').notNull(),
    fullFingerprint: text('full_fp').notNull(),
    videoId: text('video_id')
      .notNull()
      .references(() => videos.id),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    expiresAt: at('expires_at').notNull().default(sql`clock_timestamp() + interval '30 days'`),
    adoptedRetryCount: integer('adopted_retry_count').notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.route, t.key] }), index('idempotency_keys_video').on(t.videoId)],
);
