import { sql } from 'drizzle-orm';
import { boolean, check, doublePrecision, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { at, microUsd } from './columns.ts';

/** What is held: nothing new is accepted of the company, the team or the key. What is under way goes on. */
export const brakes = pgTable(
  'brakes',
  {
    scopeKind: text('scope_kind').$type<'org' | 'team' | 'key'>().notNull(),
    scopeId: text('scope_id').notNull(),
    reason: text('reason').notNull(),
    pulledBy: text('pulled_by').notNull(),
    /** By somebody whose teams are all: a team's own managers cannot release it. */
    byAdmin: boolean('by_admin').notNull().default(false),
    pulledAt: at('pulled_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.scopeKind, t.scopeId] }),
    check('brakes_scope_kind', sql`${t.scopeKind} in ('org','team','key')`),
  ],
);

/** How fast a key may be before it is held. The nearest counts: the key's own, its team's, the company's. */
export const velocityBreakers = pgTable(
  'velocity_breakers',
  {
    scopeKind: text('scope_kind').$type<'org' | 'team' | 'key'>().notNull(),
    scopeId: text('scope_id').notNull(),
    /** In one minute of the clock; null: as many. */
    videosPerMinute: integer('videos_per_minute'),
    microUsdPerMinute: microUsd('micro_usd_per_minute'),
    /** So many times what the key makes in a minute on an average of the last seven days. */
    timesNormal: doublePrecision('times_normal'),
    updatedBy: text('updated_by'),
    updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    primaryKey({ columns: [t.scopeKind, t.scopeId] }),
    check('velocity_breakers_scope_kind', sql`${t.scopeKind} in ('org','team','key')`),
    check(
      'velocity_breakers_positive',
      sql`${t.videosPerMinute} > 0 and ${t.microUsdPerMinute} > 0 and ${t.timesNormal} > 1`,
    ),
  ],
);

/** What a key that has a breaker made in one minute. */
export const keyMinutes = pgTable(
  'key_minutes',
  {
    keyId: text('key_id').notNull(),
    minute: at('minute').notNull(),
    videos: integer('videos').notNull(),
    microUsd: microUsd('micro_usd').notNull(),
    /** Of a minute, before this one; null while too little is known. */
    normalVideos: doublePrecision('normal_videos'),
    normalMicroUsd: doublePrecision('normal_micro_usd'),
  },
  (t) => [primaryKey({ columns: [t.keyId, t.minute] })],
);
