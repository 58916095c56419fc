/**
 * The requests, as fields after JSON or form parsing: a form spells nested values with brackets (`video[id]`,
 * `characters[][id]`), and its leaves are strings. Open, because fields that Reelgate does not know go to the upstream.
 */
import { z } from 'zod';
import {
  DEFAULTS,
  LIMITS,
  LIST_ORDERS,
  metadataSchema,
  operationSchema,
  SECONDS_PATTERN,
  SIZE_PATTERN,
  unixSecondsSchema,
  variantSchema,
  videoStatusSchema,
} from './videos.ts';

const promptSchema = z
  .string()
  .min(1)
  .refine((text) => [...text].length <= LIMITS.promptMax, {
    error: `At most ${LIMITS.promptMax} characters.`,
  })
  // JSON Schema counts code points as well; zod's own `max` counts UTF-16 units.
  .meta({ description: 'What is to be seen and heard.', maxLength: LIMITS.promptMax });

const modelNameSchema = z
  .string()
  .min(1)
  .max(LIMITS.modelNameMaxLength)
  .meta({ description: 'A model of `GET /models`.', default: DEFAULTS.model });

const secondsSchema = z
  .string()
  .regex(SECONDS_PATTERN)
  .meta({
    description: "Whole seconds, as a string. The model's default where it is absent.",
    examples: ['8'],
  });

const sizeSchema = z
  .string()
  .regex(SIZE_PATTERN)
  .meta({ description: "Width x height. The model's default where it is absent.", examples: ['1280x720'] });

const fileSchema = z.file();

/** A picture that is not uploaded: exactly one of a stored file and a URL. */
export const imageReferenceSchema = z
  .union([
    z.strictObject({ file_id: z.string().min(1).describe("One of your team's files, see `POST /files`.") }),
    z.strictObject({
      image_url: z.url().max(LIMITS.imageUrlMaxLength).describe('An http(s) URL, or a base64 data URL.'),
    }),
  ])
  .meta({ description: 'Exactly one of `file_id` and `image_url`.' });

/** One of the team's own videos. */
export const videoReferenceSchema = z.looseObject({ id: z.string().min(1) }).meta({
  description: "One of your team's completed videos.",
  examples: [{ id: 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543' }],
});

const charactersSchema = z
  .array(z.looseObject({ id: z.string().min(1) }))
  .max(LIMITS.charactersMax)
  .meta({ description: "Your team's characters. Name each of them in the prompt.", 'x-reelgate': true });

const webhookUrlSchema = z
  .url()
  .max(2_048)
  .meta({
    description:
      "Where this video's `video.completed` or `video.failed` is told of besides, signed with your team's secret. Your team's administrator allows hosts.",
    examples: ['https://hooks.example.com/videos'],
    'x-reelgate': true,
  });

export const createVideoSchema = z
  .looseObject({
    prompt: promptSchema,
    model: modelNameSchema.optional(),
    seconds: secondsSchema.optional(),
    size: sizeSchema.optional(),
    input_reference: imageReferenceSchema.optional(),
    characters: charactersSchema.optional(),
    metadata: metadataSchema.optional(),
    webhook_url: webhookUrlSchema.optional(),
  })
  .meta({
    description: 'A new video. Fields that are not named here go to the upstream as they are.',
    examples: [
      { model: 'sora-2', prompt: 'A calico cat plays the piano on a stage', seconds: '8', size: '1280x720' },
    ],
  });

export const createVideoFormSchema = createVideoSchema
  .extend({
    input_reference: z
      .union([fileSchema, imageReferenceSchema])
      .describe('The first frame: a JPEG, PNG or WebP file of exactly `size`, or a reference.')
      .optional(),
  })
  .meta({ description: 'A new video, as a form.' });

export const remixVideoSchema = z
  .looseObject({
    prompt: promptSchema,
    metadata: metadataSchema.optional(),
    webhook_url: webhookUrlSchema.optional(),
  })
  .meta({
    description: 'A variation of a video.',
    examples: [{ prompt: 'The same stage, and the cat takes a bow' }],
  });

export const editVideoSchema = z
  .looseObject({
    video: videoReferenceSchema,
    prompt: promptSchema,
    metadata: metadataSchema.optional(),
    webhook_url: webhookUrlSchema.optional(),
  })
  .meta({
    description: "A change to one of your team's videos.",
    examples: [{ video: { id: 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543' }, prompt: 'Make the light warmer' }],
  });

const sourceSchema = z.union([fileSchema, videoReferenceSchema]);

export const editVideoFormSchema = editVideoSchema
  .extend({
    video: sourceSchema.describe('An MP4 file, or one of your videos.'),
    model: modelNameSchema.optional().describe('For a file; a video of yours keeps its own model.'),
  })
  .meta({ description: 'A change to a video, as a form.' });

export const extendVideoSchema = editVideoSchema
  .extend({ seconds: secondsSchema.describe('Length of the new segment, as a string.') })
  .meta({
    description: "A continuation of one of your team's videos.",
    examples: [
      {
        video: { id: 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543' },
        prompt: 'The curtain falls',
        seconds: '4',
      },
    ],
  });

export const extendVideoFormSchema = extendVideoSchema
  .extend({
    video: sourceSchema.describe('An MP4 file, or one of your videos.'),
    model: modelNameSchema.optional().describe('For a file; a video of yours keeps its own model.'),
  })
  .meta({ description: 'A continuation of a video, as a form.' });

/** A number as a query spells it: no sign, no fraction, no exponent. */
const queryInteger = z.string().regex(/^\d+$/).transform(Number);

export const listVideosQuerySchema = z.object({
  after: z.string().optional().describe('The id that the page before ended with.'),
  limit: queryInteger
    .pipe(z.int().min(0).max(LIMITS.listMax))
    .optional()
    .meta({ description: 'How many videos to show.', default: LIMITS.listDefault }),
  order: z.enum(LIST_ORDERS).optional().meta({ description: 'By time of creation.', default: 'desc' }),
  status: videoStatusSchema
    .optional()
    .meta({ description: 'Only videos in this status.', 'x-reelgate': true }),
  model: z.string().optional().meta({ description: 'Only videos of this model.', 'x-reelgate': true }),
  operation: operationSchema
    .optional()
    .meta({ description: 'Only videos that were made this way.', 'x-reelgate': true }),
  created_after: queryInteger
    .pipe(unixSecondsSchema)
    .optional()
    .meta({ description: 'Only videos created at this time or later, in Unix seconds.', 'x-reelgate': true }),
  created_before: queryInteger
    .pipe(unixSecondsSchema)
    .optional()
    .meta({ description: 'Only videos created before this time, in Unix seconds.', 'x-reelgate': true }),
  metadata: metadataSchema.optional().meta({
    description: 'Only videos with every one of these labels: `metadata[campaign]=spring`.',
    'x-reelgate': true,
  }),
});
export type ListVideosQuery = z.infer<typeof listVideosQuerySchema>;

export const videoContentQuerySchema = z.object({
  variant: variantSchema.optional().meta({ description: 'Which file.', default: 'video' }),
});
