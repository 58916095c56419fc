import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';
import { teams } from './teams.ts';
import { videos } from './videos.ts';

/** A link that shows one variant of one video to whoever has it. The token in it is kept as its hash only. */
export const shareLinks = pgTable(
  'share_links',
  {
    id: text('id').primaryKey(),
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    videoId: text('video_id')
      .notNull()
      .references(() => videos.id, { onDelete: 'cascade' }),
    variant: text('variant').$type<'video' | 'thumbnail' | 'spritesheet'>().notNull(),
    /** SHA-256, hex. */
    tokenHash: text('token_hash').notNull(),
    createdById: text('created_by_id').notNull(),
    createdByName: text('created_by_name').notNull(),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    expiresAt: at('expires_at').notNull(),
    revokedAt: at('revoked_at'),
  },
  (t) => [
    unique('share_links_token').on(t.tokenHash),
    index('share_links_video').on(t.videoId, t.createdAt.desc()),
    check('share_links_variant', sql`${t.variant} in ('video','thumbnail','spritesheet')`),
  ],
);
