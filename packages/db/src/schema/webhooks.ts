import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  customType,
  foreignKey,
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

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

/** What happened. `payload` is the exact body that is signed and sent, stored once. */
export const events = pgTable(
  'events',
  {
    id: text('id').primaryKey(),
    /** Of the organization itself, where there is none: of that no team is told. */
    teamId: text('team_id').references(() => teams.id),
    videoId: text('video_id').references(() => videos.id),
    type: text('type').notNull(),
    payload: bytea('payload').notNull(),
    occurredAt: at('occurred_at').notNull().default(sql`clock_timestamp()`),
    /** Its place in what the team is told, given when it is first read and after it was committed: see `number_events`. */
    position: bigint('position', { mode: 'number' }),
  },
  (t) => [
    uniqueIndex('events_once_per_video').on(t.videoId, t.type).where(sql`${t.videoId} is not null`),
    index('events_team').on(t.teamId, t.occurredAt),
    index('events_occurred').on(t.occurredAt),
    uniqueIndex('events_position').on(t.teamId, t.position).where(sql`${t.position} is not null`),
    index('events_unnumbered').on(t.teamId).where(sql`${t.position} is null`),
    unique('events_id_team').on(t.id, t.teamId),
  ],
);

/** Where a team wants to be told; without a team, where the organization wants to be told of every team. */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: text('id').primaryKey(),
    /** Never changes: what belongs to one team is never sent to another. */
    teamId: text('team_id').references(() => teams.id),
    /** `standard`: signed events. `slack`: messages for a chat. `video`: the origin of the `webhook_url` that single videos name. */
    kind: text('kind').$type<'standard' | 'slack' | 'video'>().notNull().default('standard'),
    url: text('url').notNull(),
    eventTypes: text('event_types').array().notNull(),
    state: text('state').$type<'enabled' | 'disabled_auto' | 'disabled_user'>().notNull().default('enabled'),
    failingSince: at('failing_since'),
    consecutiveFailures: integer('consecutive_failures').notNull().default(0),
    /** In a row; many of them leave it one attempt at a time. */
    consecutiveTimeouts: integer('consecutive_timeouts').notNull().default(0),
    /** Of the last success, to the minute. Until the first one it is trusted with one attempt at a time. */
    deliveredAt: at('delivered_at'),
    /** Until when its share of attempts is used up. */
    pacedUntil: at('paced_until'),
    /** What people call it. */
    name: text('description'),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    /** Of the last change of what it is or of its secret. */
    updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
    deletedAt: at('deleted_at'),
  },
  (t) => [
    unique('webhook_endpoints_id_team').on(t.id, t.teamId),
    index('webhook_endpoints_team').on(t.teamId),
    uniqueIndex('webhook_endpoints_video_origin')
      .on(t.teamId, t.url)
      .where(sql`${t.kind} = 'video' and ${t.deletedAt} is null`),
    check('webhook_endpoints_state', sql`${t.state} in ('enabled','disabled_auto','disabled_user')`),
    check('webhook_endpoints_kind', sql`${t.kind} in ('standard','slack','video')`),
    check('webhook_endpoints_deleted_is_off', sql`${t.deletedAt} is null or ${t.state} <> 'enabled'`),
  ],
);

/**
 * Signing secrets, encrypted: of an endpoint, or of a team for the `webhook_url` of its videos. After a rotation the old one lives on
 * until `expires_at`.
 */
export const webhookSecrets = pgTable(
  'webhook_secrets',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    endpointId: text('endpoint_id').references(() => webhookEndpoints.id, { onDelete: 'cascade' }),
    teamId: text('team_id').references(() => teams.id),
    /** AES-256-GCM: version, nonce, tag, ciphertext. */
    encrypted: bytea('secret_enc').notNull(),
    /** What may be shown of it. */
    hint: text('hint'),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    expiresAt: at('expires_at'),
  },
  (t) => [
    index('webhook_secrets_endpoint').on(t.endpointId),
    index('webhook_secrets_team').on(t.teamId).where(sql`${t.teamId} is not null`),
    check('webhook_secrets_one_holder', sql`num_nonnulls(${t.endpointId}, ${t.teamId}) = 1`),
  ],
);

/** Where a single video wants its events told besides, as its `webhook_url` says. */
export const videoWebhooks = pgTable('video_webhooks', {
  videoId: text('video_id')
    .primaryKey()
    .references(() => videos.id),
  endpointId: text('endpoint_id')
    .notNull()
    .references(() => webhookEndpoints.id),
  url: text('url').notNull(),
});

/** One event for one endpoint. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: text('id').primaryKey(),
    eventId: text('event_id')
      .notNull()
      .references(() => events.id),
    /** Of the same team, or of the organization: a trigger sees to it. */
    endpointId: text('endpoint_id')
      .notNull()
      .references(() => webhookEndpoints.id),
    /** As the event's. */
    teamId: text('team_id'),
    /** Instead of the endpoint's own. */
    url: text('url'),
    state: text('state')
      .$type<'pending' | 'delivered' | 'exhausted' | 'cancelled'>()
      .notNull()
      .default('pending'),
    attemptNo: integer('attempt_no').notNull().default(0),
    nextAttemptAt: at('next_attempt_at'),
    leaseOwner: text('lease_owner'),
    leaseUntil: at('lease_until'),
    leaseEpoch: bigint('lease_epoch', { mode: 'number' }).notNull().default(0),
    replayOf: text('replay_of'),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    foreignKey({
      name: 'webhook_deliveries_event_same_team',
      columns: [t.eventId, t.teamId],
      foreignColumns: [events.id, events.teamId],
    }),
    uniqueIndex('webhook_deliveries_once').on(t.eventId, t.endpointId).where(sql`${t.replayOf} is null`),
    index('webhook_deliveries_pending')
      .on(t.endpointId, t.nextAttemptAt)
      .where(sql`${t.nextAttemptAt} is not null`),
    index('webhook_deliveries_held').on(t.endpointId).where(sql`${t.leaseUntil} is not null`),
    index('webhook_deliveries_endpoint').on(t.endpointId, t.createdAt),
    index('webhook_deliveries_event').on(t.eventId),
    check('webhook_deliveries_state', sql`${t.state} in ('pending','delivered','exhausted','cancelled')`),
    check('webhook_deliveries_ended_not_due', sql`${t.state} = 'pending' or ${t.nextAttemptAt} is null`),
  ],
);

/** One HTTP request of a delivery. */
export const webhookAttempts = pgTable(
  'webhook_attempts',
  {
    deliveryId: text('delivery_id')
      .notNull()
      .references(() => webhookDeliveries.id),
    no: integer('no').notNull(),
    startedAt: at('started_at').notNull(),
    durationMs: integer('duration_ms').notNull(),
    outcome: text('outcome').notNull(),
    status: integer('status'),
    url: text('url'),
    requestHeaders: jsonb('request_headers').$type<Readonly<Record<string, string>>>(),
    responseHeaders: jsonb('response_headers').$type<Readonly<Record<string, string>>>(),
    /** The first 4 KiB that the receiver answered, as text. */
    responseHead: text('response_head'),
    resolvedIp: text('resolved_ip'),
  },
  (t) => [primaryKey({ columns: [t.deliveryId, t.no] })],
);
