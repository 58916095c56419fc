/** The public Videos API on the wire. Source: the published OpenAPI document of the Videos API and what its SDKs read. */
import { z } from 'zod';

/** The only four words a caller may ever see; the SDKs' polling helpers depend on them. */
export const VIDEO_STATUSES = ['queued', 'in_progress', 'completed', 'failed'] as const;
export const videoStatusSchema = z.enum(VIDEO_STATUSES);
export type VideoStatus = z.infer<typeof videoStatusSchema>;

/** How a video was made. */
export const OPERATIONS = ['create', 'remix', 'edit', 'extend'] as const;
export const operationSchema = z.enum(OPERATIONS);
export type Operation = z.infer<typeof operationSchema>;

/** A downloadable file of a completed video: MP4, WebP, JPEG. */
export const VARIANTS = ['video', 'thumbnail', 'spritesheet'] as const;
export const variantSchema = z.enum(VARIANTS);
export type Variant = z.infer<typeof variantSchema>;

/** Reelgate's own id: `video_` and at least 128 random bits. */
export const VIDEO_ID_PATTERN = /^video_[A-Za-z0-9]{22,64}$/;

export const videoErrorSchema = z.object({ code: z.string(), message: z.string() });

/** A video job and its result. All 13 keys are always present. Times are Unix seconds; `seconds` is a string. */
export const videoSchema = z.object({
  id: z.string(),
  object: z.literal('video'),
  model: z.string(),
  status: videoStatusSchema,
  progress: z.int().min(0).max(100),
  created_at: z.int(),
  completed_at: z.int().nullable(),
  expires_at: z.int().nullable(),
  prompt: z.string().nullable(),
  size: z.string(),
  seconds: z.string(),
  remixed_from_video_id: z.string().nullable(),
  error: videoErrorSchema.nullable(),
});
export type Video = z.infer<typeof videoSchema>;

/** One page, newest first by default. The page after the last has no data and null ids: Java's pager stops on that alone. */
export const videoListSchema = z.object({
  object: z.literal('list'),
  data: z.array(videoSchema),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});
export type VideoList = z.infer<typeof videoListSchema>;

export const videoDeletedSchema = z.object({
  id: z.string(),
  object: z.literal('video.deleted'),
  deleted: z.literal(true),
});
export type VideoDeleted = z.infer<typeof videoDeletedSchema>;

export const LIST_ORDERS = ['asc', 'desc'] as const;
export type ListOrder = (typeof LIST_ORDERS)[number];

/** Limits of the wire itself; which sizes and seconds a model offers is configuration. */
export const LIMITS = {
  /** Unicode code points. */
  promptMax: 32_000,
  listMax: 100,
  listDefault: 20,
  /** A JSON body, in bytes, before it is parsed. */
  jsonBodyMaxBytes: 256 * 1024,
} as const;

/** Values the original falls back on when a caller leaves them out. */
export const DEFAULTS = { model: 'sora-2', seconds: '4', size: '720x1280' } as const;
