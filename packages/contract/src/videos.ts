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

/** `<width>x<height>` in pixels. Which ones a model offers is configuration. */
export const SIZE_PATTERN = /^\d{2,5}x\d{2,5}$/;

/** Whole seconds, as a string. Which ones a model offers is configuration. */
export const SECONDS_PATTERN = /^[1-9]\d{0,3}$/;

/** Of the caller's own labels; lengths in UTF-16 units. */
export const METADATA_LIMITS = { keysMax: 16, keyMaxLength: 64, valueMaxLength: 512 } as const;

export const videoErrorSchema = z
  .looseObject({
    code: z
      .string()
      .describe('A word for programs, such as `moderation_blocked`, `processing_error`, `cancelled`.'),
    message: z.string().describe('Why the video failed, for people.'),
    type: z.string().nullable().optional().describe('As the upstream calls it.'),
    param: z.string().nullable().optional().describe('The parameter that it is about.'),
    headers: z
      .record(z.string(), z.string())
      .optional()
      .describe('Of the headers that came with it, what helps, such as `Retry-After`.'),
    misalignment: z
      .looseObject({})
      .optional()
      .describe('What the upstream explains of a block, and how to go on.'),
  })
  .describe('Why a video failed. The upstream may have said more than its code and message.');

/** Unix seconds: what every time on the wire is. */
export const unixSecondsSchema = z.int().min(0);

/** A caller's own labels, kept with a video. */
export const metadataSchema = z
  .record(z.string().min(1).max(METADATA_LIMITS.keyMaxLength), z.string().max(METADATA_LIMITS.valueMaxLength))
  .refine((labels) => Object.keys(labels).length <= METADATA_LIMITS.keysMax, {
    error: `At most ${METADATA_LIMITS.keysMax} keys.`,
  })
  .meta({
    description: `Your own labels: up to ${METADATA_LIMITS.keysMax} keys of at most ${METADATA_LIMITS.keyMaxLength} characters, each with a text of at most ${METADATA_LIMITS.valueMaxLength}. Never sent to an upstream.`,
    // JSON Schema counts keys with a word that a record has no method for.
    maxProperties: METADATA_LIMITS.keysMax,
    examples: [{ campaign: 'spring', ticket: 'MKT-1042' }],
    'x-reelgate': true,
  });

/** A video job and its result. The original's 13 keys are always present. Times are Unix seconds; `seconds` is a string. */
export const videoSchema = z
  .object({
    id: z.string().regex(VIDEO_ID_PATTERN).describe("Reelgate's own id; never an upstream's."),
    object: z.literal('video'),
    model: z.string().describe('The model name that the request gave, or the default.'),
    status: videoStatusSchema,
    progress: z.int().min(0).max(100).describe('Percent; 100 only when the video is completed.'),
    created_at: unixSecondsSchema,
    completed_at: unixSecondsSchema.nullable().describe('Null until the video is completed.'),
    expires_at: unixSecondsSchema
      .nullable()
      .describe("When your team's retention deletes the video. Null: it is kept, or not completed yet."),
    prompt: z.string().nullable(),
    size: z.string().regex(SIZE_PATTERN).describe('Width x height in pixels.'),
    seconds: z.string().regex(SECONDS_PATTERN).describe('Length; of the whole video for an extension.'),
    remixed_from_video_id: z
      .string()
      .nullable()
      .describe('The source of a remix; null for every other video.'),
    error: videoErrorSchema.nullable().describe('Null unless the video has failed.'),
    metadata: metadataSchema.optional(),
  })
  .meta({
    description: 'A video job and its result.',
    examples: [
      {
        id: 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543',
        object: 'video',
        model: 'sora-2',
        status: 'completed',
        progress: 100,
        created_at: 1_790_000_000,
        completed_at: 1_790_000_068,
        expires_at: null,
        prompt: 'A calico cat plays the piano on a stage',
        size: '1280x720',
        seconds: '8',
        remixed_from_video_id: null,
        error: null,
      },
    ],
  });
export type Video = z.infer<typeof videoSchema>;

/** One page, newest first by default. The page after the last has no data and null ids: Java's pager stops on that alone. */
export const videoListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(videoSchema),
    first_id: z.string().nullable(),
    last_id: z
      .string()
      .nullable()
      .describe('Give it as `after` to get the next page; null on an empty page.'),
    has_more: z.boolean(),
  })
  .meta({
    description: 'One page of videos.',
    examples: [{ object: 'list', data: [], first_id: null, last_id: null, has_more: false }],
  });
export type VideoList = z.infer<typeof videoListSchema>;

export const videoDeletedSchema = z
  .object({ id: z.string(), object: z.literal('video.deleted'), deleted: z.literal(true) })
  .meta({
    description: 'Says that a video is gone.',
    examples: [{ id: 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543', object: 'video.deleted', deleted: true }],
  });
export type VideoDeleted = z.infer<typeof videoDeletedSchema>;

export const LIST_ORDERS = ['asc', 'desc'] as const;
export type ListOrder = (typeof LIST_ORDERS)[number];

/** Limits of the wire itself; which sizes and seconds a model offers is configuration. */
export const LIMITS = {
  /** Unicode code points. */
  promptMax: 32_000,
  modelNameMaxLength: 100,
  characterNameMaxLength: 80,
  charactersMax: 2,
  /** Of an image as a data URL. */
  imageUrlMaxLength: 20_971_520,
  listMax: 100,
  listDefault: 20,
  /** A JSON body, in bytes, before it is parsed. */
  jsonBodyMaxBytes: 256 * 1024,
} as const;

/** Values the original falls back on when a caller leaves them out. */
export const DEFAULTS = { model: 'sora-2', seconds: '4', size: '720x1280' } as const;
