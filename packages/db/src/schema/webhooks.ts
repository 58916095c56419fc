import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  customType,
  foreignKey,
  index,
  integer,
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
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
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
    uniqueIndex('events_position').on(t.teamId, t.position).where(sql`${t.position} is not null`),
    index('events_unnumbered').on(t.teamId).where(sql`${t.position} is null`),
    unique('events_id_team').on(t.id, t.teamId),
  ],
);

/** Where a team wants to be told. */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: text('id').primaryKey(),
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    url: text('url').notNull(),
    eventTypes: text('event_types').array().notNull(),
    state: text('state').$type<'enabled' | 'disabled_auto' | 'disabled_user'>().notNull().default('enabled'),
    failingSince: at('failing_since'),
    consecutiveFailures: integer('consecutive_failures').notNull().default(0),
    description: text('description'),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    unique('webhook_endpoints_id_team').on(t.id, t.teamId),
    index('webhook_endpoints_team').on(t.teamId),
    check('webhook_endpoints_state', sql`${t.state} in ('enabled','disabled_auto','disabled_user')`),
  ],
);

/** Signing secrets, encrypted. After a rotation the old one lives on until `expires_at`. */
export const webhookSecrets = pgTable(
  'webhook_secrets',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    endpointId: text('endpoint_id')
      .notNull()
      .references(() => webhookEndpoints.id, { onDelete: 'cascade' }),
    /** AES-256-GCM: version, nonce, tag, ciphertext. */
    encrypted: bytea('secret_enc').notNull(),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    expiresAt: at('expires_at'),
  },
  (t) => [index('webhook_secrets_endpoint').on(t.endpointId)],
);

/** One event for one endpoint. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: text('id').primaryKey(),
    eventId: text('event_id').notNull(),
    endpointId: text('endpoint_id').notNull(),
    teamId: text('team_id').notNull(),
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
      name: 'webhook_deliveries_endpoint_same_team',
      columns: [t.endpointId, t.teamId],
      foreignColumns: [webhookEndpoints.id, webhookEndpoints.teamId],
    }),
    foreignKey({
      name: 'webhook_deliveries_event_same_team',
      columns: [t.eventId, t.teamId],
      foreignColumns: [events.id, events.teamId],
    }),
    uniqueIndex('webhook_deliveries_once').on(t.eventId, t.endpointId).where(sql`${t.replayOf} is null`),
    index('webhook_deliveries_due').on(t.nextAttemptAt).where(sql`${t.nextAttemptAt} is not null`),
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
    /** The first 4 KiB that the receiver answered, as text. */
    responseHead: text('response_head'),
    resolvedIp: text('resolved_ip'),
  },
  (t) => [primaryKey({ columns: [t.deliveryId, t.no] })],
);
