import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { at, byteCount } from './columns.ts';
import { videos } from './videos.ts';

/** A stored file of a video. The row is written after the bytes are safe and verified, never before. */
export const assets = pgTable(
  'assets',
  {
    videoId: text('video_id')
      .notNull()
      .references(() => videos.id),
    variant: text('variant').notNull(),
    state: text('state').$type<'pending' | 'storing' | 'stored' | 'lost' | 'deleted'>().notNull(),
    /** `upstream` as it was downloaded, `derived` when Reelgate made it from the video. */
    origin: text('origin').$type<'upstream' | 'derived'>().notNull().default('upstream'),
    bucket: text('bucket'),
    objectKey: text('object_key'),
    bytes: byteCount('bytes'),
    sha256: text('sha256'),
    contentType: text('content_type'),
    attempt: integer('attempt').notNull().default(0),
    verifiedAt: at('verified_at'),
  },
  (t) => [
    primaryKey({ columns: [t.videoId, t.variant] }),
    unique('assets_object').on(t.bucket, t.objectKey),
    index('assets_in_lifeboat').on(t.objectKey).where(sql`${t.objectKey} like 'lifeboat/%'`),
    check('assets_state', sql`${t.state} in ('pending','storing','stored','lost','deleted')`),
    check('assets_variant', sql`${t.variant} in ('video','thumbnail','spritesheet')`),
    check(
      'assets_stored_is_complete',
      sql`${t.state} <> 'stored' or (${t.bytes} > 0 and ${t.sha256} is not null and ${t.objectKey} is not null)`,
    ),
  ],
);

/** Bytes that are safe on a worker's own volume because the object store was away. */
export const spoolFiles = pgTable(
  'spool_files',
  {
    volumeId: text('volume_id').notNull(),
    path: text('path').notNull(),
    videoId: text('video_id')
      .notNull()
      .references(() => videos.id),
    variant: text('variant').notNull(),
    bytes: byteCount('bytes').notNull(),
    sha256: text('sha256').notNull(),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    drainedAt: at('drained_at'),
  },
  (t) => [primaryKey({ columns: [t.volumeId, t.path] })],
);
