import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';
import { teams } from './teams.ts';

/** A key is who asks: its secret may change, its limits, its quota and its usage stay. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    /** Null for an admin key, which belongs to the deployment. */
    teamId: text('team_id').references(() => teams.id),
    kind: text('kind').$type<'live' | 'test' | 'admin'>().notNull().default('live'),
    /** Of an admin key: what it may, and whose things it sees where that is less than everything. Null: an admin. */
    role: text('role').$type<'admin' | 'manager' | 'member'>(),
    roleTeamIds: text('role_team_ids').array(),
    name: text('name').notNull(),
    /** The eight public characters by which a key is looked up and shown. */
    prefix: text('prefix').notNull().unique(),
    /** HMAC-SHA-256 of the whole key under the pepper, hex. */
    hash: text('hash').notNull().unique(),
    pepperVersion: integer('pepper_version').notNull().default(1),
    /** The secret from before the last rotation, for as long as it is still good. */
    previousPrefix: text('previous_prefix').unique(),
    previousHash: text('previous_hash'),
    previousPepperVersion: integer('previous_pepper_version'),
    previousExpiresAt: at('previous_expires_at'),
    state: text('state').$type<'active' | 'revoked'>().notNull().default('active'),
    /** What it may do; null: everything that a key of its kind can. */
    scopes: text('scopes').array(),
    /** Names of the models that it may use; null: every one. */
    models: text('models').array(),
    requestsPerMinute: integer('requests_per_minute'),
    expiresAt: at('expires_at'),
    revokedAt: at('revoked_at'),
    lastUsedAt: at('last_used_at'),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    version: integer('version').notNull().default(1),
    /** Who made it; null where nobody knows any more. */
    createdBy: text('created_by'),
  },
  (t) => [
    unique('api_keys_id_team').on(t.id, t.teamId),
    index('api_keys_team').on(t.teamId),
    check('api_keys_state', sql`${t.state} in ('active', 'revoked')`),
    check('api_keys_kind', sql`${t.kind} in ('live', 'test', 'admin')`),
    check('api_keys_team_of_kind', sql`(${t.teamId} is null) = (${t.kind} = 'admin')`),
    check(
      'api_keys_role_of_kind',
      sql`${t.role} is null or (${t.kind} = 'admin' and ${t.role} in ('admin', 'manager', 'member'))`,
    ),
    check('api_keys_requests_per_minute', sql`${t.requestsPerMinute} > 0`),
  ],
);
