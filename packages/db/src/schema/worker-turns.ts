/** What one worker at a time does for all. */
import { pgTable, text } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';
import { upstreamAccounts } from './models.ts';

/** Whose turn it is to look at an account's renders; one worker at a time, so that a list is read once for all of them. */
export const accountPolls = pgTable('account_polls', {
  upstreamAccountId: text('account_id')
    .primaryKey()
    .references(() => upstreamAccounts.id),
  polledAt: at('polled_at'),
  /** When its list was last read back to the oldest render. */
  deepPolledAt: at('deep_polled_at'),
  leaseOwner: text('lease_owner'),
  leaseUntil: at('lease_until'),
});

/** Upkeep that one worker at a time does every so often, by its name. */
export const upkeepTurns = pgTable('upkeep_turns', {
  name: text('name').primaryKey(),
  takenAt: at('taken_at').notNull(),
});
