import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';
import { teams } from './teams.ts';

export const apiKeys = pgTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    name: text('name').notNull(),
    /** The eight public characters by which a key is looked up and shown. */
    prefix: text('prefix').notNull().unique(),
    /** HMAC-SHA-256 of the whole key under the pepper, hex. */
    hash: text('hash').notNull().unique(),
    pepperVersion: integer('pepper_version').notNull().default(1),
    state: text('state').$type<'active' | 'revoked'>().notNull().default('active'),
    expiresAt: at('expires_at'),
    revokedAt: at('revoked_at'),
    lastUsedAt: at('last_used_at'),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    unique('api_keys_id_team').on(t.id, t.teamId),
    index('api_keys_team').on(t.teamId),
    check('api_keys_state', sql`${t.state} in ('active', 'revoked')`),
  ],
);
