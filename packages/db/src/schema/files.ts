import { sql } from 'drizzle-orm';
import { check, index, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { at, byteCount } from './columns.ts';
import { teams } from './teams.ts';
import { videos } from './videos.ts';

/**
 * A file that a team keeps here, to start videos from. `storing` until its bytes are safe; `deleted` hides it at once, and its
 * bytes go (`purged`) as soon as no video that names it is still to be sent. The row stays, so that a page of a list can begin
 * after it.
 */
export const files = pgTable(
  'files',
  {
    id: text('id').primaryKey(),
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    purpose: text('purpose').notNull(),
    /** The caller's own name for it; shown to its team and used for nothing. */
    fileName: text('file_name').notNull(),
    contentType: text('content_type').notNull(),
    bytes: byteCount('bytes').notNull(),
    /** Hex. */
    sha256: text('sha256').notNull(),
    objectKey: text('object_key').notNull(),
    state: text('state').$type<'storing' | 'stored' | 'deleted' | 'purged'>().notNull(),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    expiresAt: at('expires_at'),
    /** When a worker has to look at it: it expires then, or its bytes are to go, or its upload has taken too long. */
    nextActionAt: at('next_action_at'),
  },
  (t) => [
    unique('files_object').on(t.objectKey),
    index('files_team_newest').on(t.teamId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('files_due').on(t.nextActionAt).where(sql`${t.nextActionAt} is not null`),
    check('files_state', sql`${t.state} in ('storing','stored','deleted','purged')`),
    check('files_bytes', sql`${t.bytes} > 0`),
  ],
);

/** Which videos were started from which file. Written by a trigger, so that no video can name a file that is gone. */
export const fileUses = pgTable(
  'file_uses',
  {
    fileId: text('file_id')
      .notNull()
      .references(() => files.id, { onDelete: 'cascade' }),
    videoId: text('video_id')
      .notNull()
      .references(() => videos.id, { onDelete: 'cascade' }),
  },
  (t) => [primaryKey({ columns: [t.fileId, t.videoId] }), index('file_uses_video').on(t.videoId)],
);

/** What the files of a team take up; changed by one conditional update, like a quota. */
export const fileStorage = pgTable(
  'file_storage',
  {
    teamId: text('team_id')
      .primaryKey()
      .references(() => teams.id),
    bytes: byteCount('bytes').notNull().default(0),
  },
  (t) => [check('file_storage_bytes', sql`${t.bytes} >= 0`)],
);
