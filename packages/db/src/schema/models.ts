import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { at, microUsd } from './columns.ts';

/** A service that renders videos, with one credential. Credentials themselves never enter the database. */
export const upstreamAccounts = pgTable('upstream_accounts', {
  id: text('id').primaryKey(),
  kind: text('kind').notNull(),
  baseUrl: text('base_url').notNull(),
  /** Name of the environment variable that holds the credential; null where the upstream needs none. */
  secretRef: text('secret_ref'),
  /** Makes the videos of test keys, which cost nothing. */
  isTest: boolean('is_test').notNull().default(false),
  capabilities: jsonb('capabilities').$type<Record<string, unknown>>().notNull().default({}),
  clockSkewMs: integer('clock_skew_ms').notNull().default(0),
  listHealthyAt: at('list_healthy_at'),
  /** Whether it is sent new work: by an administrator's word, which the configuration does not undo. */
  intake: text('intake').$type<'open' | 'draining' | 'disabled'>().notNull().default('open'),
  intakeReason: text('intake_reason'),
  /** Set while its account is known to be out of credit: when one create may find out whether that is still so. */
  creditProbeAt: at('credit_probe_at'),
  /** When it last refused a create for want of credit: only what was sent after that shows that it has some again. */
  creditRefusedAt: at('credit_refused_at'),
  createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
  updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
});

/** A circuit breaker that is not closed, as the process tells whose it is; it counts until then if it is not told again. */
export const upstreamBreakers = pgTable(
  'upstream_breakers',
  {
    accountId: text('account_id')
      .notNull()
      .references(() => upstreamAccounts.id),
    owner: text('owner').notNull(),
    verb: text('verb').notNull(),
    state: text('state').$type<'open' | 'half_open'>().notNull(),
    until: at('until').notNull(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.owner, t.verb] })],
);

/** A public model name, routed to one upstream and its own model name. */
export const models = pgTable('models', {
  name: text('name').primaryKey(),
  upstreamAccountId: text('upstream_account_id')
    .notNull()
    .references(() => upstreamAccounts.id),
  upstreamModel: text('upstream_model').notNull(),
  seconds: integer('seconds').array().notNull(),
  sizes: text('sizes').array().notNull(),
  defaultSeconds: integer('default_seconds').notNull(),
  defaultSize: text('default_size').notNull(),
  enabled: boolean('enabled').notNull().default(true),
  updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
});

/** Price per second of one model and size. Append-only: a change is a new row, and a video keeps the row it was accepted under. */
export const prices = pgTable(
  'prices',
  {
    id: text('id').primaryKey(),
    model: text('model')
      .notNull()
      .references(() => models.name),
    size: text('size').notNull(),
    perSecondMicroUsd: microUsd('per_second_micro_usd').notNull(),
    /** Besides, for each picture that goes along. */
    perImageMicroUsd: microUsd('per_image_micro_usd').notNull().default(sql`0`),
    /** Besides, for each video. */
    perVideoMicroUsd: microUsd('per_video_micro_usd').notNull().default(sql`0`),
    /** A video costs at least this. */
    minimumMicroUsd: microUsd('minimum_micro_usd').notNull().default(sql`0`),
    /** Who has set it; null where the configuration file says so. */
    setBy: text('set_by'),
    validFrom: at('valid_from').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    unique('prices_model_size_from').on(t.model, t.size, t.validFrom),
    index('prices_current').on(t.model, t.size, t.validFrom.desc().nullsFirst()),
    check(
      'prices_not_negative',
      sql`least(${t.perSecondMicroUsd}, ${t.perImageMicroUsd}, ${t.perVideoMicroUsd}, ${t.minimumMicroUsd}) >= 0`,
    ),
  ],
);
