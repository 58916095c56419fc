/** Models, with what a caller has to know before asking one for a video. */
import { z } from 'zod';
import { operationSchema, SECONDS_PATTERN, SIZE_PATTERN, unixSecondsSchema } from './videos.ts';

const EXAMPLE = {
  id: 'sora-2',
  object: 'model',
  created: 1_790_000_000,
  owned_by: 'reelgate',
  operations: ['create', 'remix', 'edit', 'extend'],
  characters: true,
  seconds: ['4', '8', '12'],
  sizes: ['720x1280', '1280x720'],
  default_seconds: '4',
  default_size: '720x1280',
  price_per_second_micro_usd: { '720x1280': 100_000, '1280x720': 100_000 },
} as const;

export const modelSchema = z
  .object({
    id: z.string().describe('The name to send as `model`.'),
    object: z.literal('model'),
    created: unixSecondsSchema,
    owned_by: z.string(),
    operations: z
      .array(operationSchema)
      .meta({ description: 'How its upstream can make videos.', 'x-reelgate': true }),
    characters: z.boolean().meta({
      description: 'Whether characters can be made for it and appear in its videos.',
      'x-reelgate': true,
    }),
    seconds: z
      .array(z.string().regex(SECONDS_PATTERN))
      .meta({ description: 'Lengths that it offers.', 'x-reelgate': true }),
    sizes: z
      .array(z.string().regex(SIZE_PATTERN))
      .meta({ description: 'Sizes that it offers.', 'x-reelgate': true }),
    default_seconds: z.string().regex(SECONDS_PATTERN).meta({ 'x-reelgate': true }),
    default_size: z.string().regex(SIZE_PATTERN).meta({ 'x-reelgate': true }),
    price_per_second_micro_usd: z
      .record(z.string().regex(SIZE_PATTERN), z.int().min(0))
      .meta({ description: 'By size, in millionths of a US dollar.', 'x-reelgate': true }),
  })
  .meta({ description: 'A model that your key may use.', examples: [EXAMPLE] });
export type Model = z.infer<typeof modelSchema>;

export const modelListSchema = z
  .object({ object: z.literal('list'), data: z.array(modelSchema) })
  .meta({ description: 'All models.', examples: [{ object: 'list', data: [EXAMPLE] }] });
export type ModelList = z.infer<typeof modelListSchema>;
