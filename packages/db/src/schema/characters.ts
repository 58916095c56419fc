import { sql } from 'drizzle-orm';
import { index, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';
import { upstreamAccounts } from './models.ts';
import { teams } from './teams.ts';

/** A character that prompts may name; it lives at the upstream account that made it. */
export const characters = pgTable(
  'characters',
  {
    id: text('id').primaryKey(),
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    name: text('name').notNull(),
    upstreamAccountId: text('upstream_account_id')
      .notNull()
      .references(() => upstreamAccounts.id),
    upstreamCharacterId: text('upstream_character_id').notNull(),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    unique('characters_upstream_once').on(t.upstreamAccountId, t.upstreamCharacterId),
    index('characters_team').on(t.teamId),
  ],
);
