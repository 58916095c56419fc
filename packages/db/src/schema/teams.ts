import { sql } from 'drizzle-orm';
import { bigint, check, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/** One row per deployment: the company. */
export const organizations = pgTable(
  'organizations',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    /** IANA zone in which its days and months begin. */
    timeZone: text('time_zone').notNull().default('UTC'),
    version: integer('version').notNull().default(1),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [check('organizations_one_row', sql`${t.id} = 'org'`)],
);

export const teams = pgTable(
  'teams',
  {
    id: text('id').primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    name: text('name').notNull().unique(),
    /** The highest place that any of its events was given. */
    lastEventPosition: bigint('last_event_position', { mode: 'number' }).notNull().default(0),
    /** Hosts that the `webhook_url` of a single video may name, such as `hooks.example.com` or `*.example.com`. */
    webhookHosts: text('webhook_hosts').array().notNull().default(sql`'{}'`),
    /** Of all of its keys together. */
    requestsPerMinute: integer('requests_per_minute'),
    /** Switched off since then: none of its keys is accepted. */
    disabledAt: at('disabled_at'),
    version: integer('version').notNull().default(1),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [check('teams_requests_per_minute', sql`${t.requestsPerMinute} > 0`)],
);
