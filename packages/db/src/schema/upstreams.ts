/** What is asked of upstreams, and what comes from them unasked. */
import { sql } from 'drizzle-orm';
import {
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
import { upstreamAccounts } from './models.ts';
import { videos } from './videos.ts';

/** One try to make the upstream render a video. The partial unique index is what makes a second paid create impossible. */
export const upstreamSubmissions = pgTable(
  'upstream_submissions',
  {
    id: text('id').primaryKey(),
    videoId: text('video_id')
      .notNull()
      .references(() => videos.id),
    no: integer('no').notNull(),
    upstreamAccountId: text('account_id')
      .notNull()
      .references(() => upstreamAccounts.id),
    visibleFingerprint: text('visible_fp').notNull(),
    state: text('state')
      .$type<'prepared' | 'sending' | 'unknown' | 'accepted' | 'refused' | 'not_sent' | 'absent'>()
      .notNull(),
    preparedAt: at('prepared_at').notNull().default(sql`clock_timestamp()`),
    sentAt: at('sent_at'),
    endedAt: at('ended_at'),
    httpStatus: integer('http_status'),
    errorClass: text('error_class'),
    upstreamRequestId: text('upstream_request_id'),
    callbackNonce: text('callback_nonce'),
  },
  (t) => [
    unique('upstream_submissions_no').on(t.videoId, t.no),
    uniqueIndex('one_open_submission')
      .on(t.videoId)
      .where(sql`${t.state} in ('prepared','sending','unknown','accepted')`),
    // Creates whose outcome nobody knows, by when they were sent.
    index('upstream_submissions_unresolved')
      .on(t.upstreamAccountId, t.sentAt)
      .where(sql`${t.state} in ('sending','unknown','absent')`),
    check(
      'upstream_submissions_state',
      sql`${t.state} in ('prepared','sending','unknown','accepted','refused','not_sent','absent')`,
    ),
  ],
);

/** Ids of webhooks that upstreams have sent, so that a repeated one has no effect. Kept for minutes. */
export const upstreamHooks = pgTable(
  'upstream_hooks',
  {
    upstreamAccountId: text('account_id')
      .notNull()
      .references(() => upstreamAccounts.id),
    hookId: text('hook_id').notNull(),
    receivedAt: at('received_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.upstreamAccountId, t.hookId] }),
    index('upstream_hooks_received').on(t.receivedAt),
  ],
);

/** Videos that an upstream shows and no row of ours explains. */
export const upstreamOrphans = pgTable(
  'upstream_orphans',
  {
    upstreamAccountId: text('account_id')
      .notNull()
      .references(() => upstreamAccounts.id),
    upstreamId: text('upstream_id').notNull(),
    firstSeenAt: at('first_seen_at').notNull().default(sql`clock_timestamp()`),
    snapshot: jsonb('snapshot').$type<Record<string, unknown>>().notNull(),
    state: text('state').$type<'seen' | 'archived' | 'adopted' | 'ignored'>().notNull().default('seen'),
    adoptedVideoId: text('adopted_video_id').references(() => videos.id),
    decidedBy: text('decided_by'),
  },
  (t) => [primaryKey({ columns: [t.upstreamAccountId, t.upstreamId] })],
);
