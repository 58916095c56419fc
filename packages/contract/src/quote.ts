/** What a video would cost, before anything is spent. */
import { z } from 'zod';
import { errorBodySchema } from './errors.ts';
import { createVideoSchema } from './requests.ts';
import { SECONDS_PATTERN, SIZE_PATTERN, unixSecondsSchema } from './videos.ts';

/** The body of a create; all of it may stay away but what decides the price. */
export const quoteVideoSchema = createVideoSchema.partial().meta({
  description: 'The same fields as for a new video. Only `model`, `seconds`, `size` and `metadata` count.',
  examples: [{ model: 'sora-2', seconds: '8', size: '1280x720' }],
});

const amountSchema = z.string().regex(/^\d+$/);

/** Amounts are decimal strings, because they may exceed 2^53: millionths of a US dollar for `cost`, else plain numbers. */
export const quotedLimitSchema = z
  .object({
    scope: z.enum(['team', 'key']).describe('Whose limit it is.'),
    metric: z.enum(['cost', 'seconds', 'videos', 'concurrent']),
    window: z
      .enum(['month', 'day', 'none', 'leaky'])
      .describe('`none` is for ever; `leaky` is given back evenly all the time.'),
    limit: amountSchema.nullable().describe('Null where there is none.'),
    used: amountSchema,
    reserved: amountSchema.describe('Held for videos that are under way.'),
    amount: amountSchema.describe('What this video would take.'),
    left_after: amountSchema.nullable().describe('Null without a limit.'),
    resets_at: unixSecondsSchema.nullable(),
  })
  .describe(
    'One limit. Amounts are decimal strings: millionths of a US dollar for `cost`, else plain numbers.',
  );

export const quoteSchema = z
  .object({
    object: z.literal('video.quote'),
    model: z.string(),
    seconds: z.string().regex(SECONDS_PATTERN),
    size: z.string().regex(SIZE_PATTERN),
    cost_micro_usd: z.int().min(0).describe('In millionths of a US dollar.'),
    accepted: z.boolean().describe('Whether a create would be accepted now.'),
    refusal: errorBodySchema.shape.error
      .nullable()
      .describe('What a create would be answered with now; null where it would be accepted.'),
    limits: z.array(quotedLimitSchema).describe("Your team's and your key's own limits."),
  })
  .meta({
    description:
      'What a video would cost and whether it would be accepted now. Nothing is created or reserved.',
    examples: [
      {
        object: 'video.quote',
        model: 'sora-2',
        seconds: '8',
        size: '1280x720',
        cost_micro_usd: 800_000,
        accepted: true,
        refusal: null,
        limits: [
          {
            scope: 'team',
            metric: 'cost',
            window: 'month',
            limit: '50000000',
            used: '12400000',
            reserved: '800000',
            amount: '800000',
            left_after: '36000000',
            resets_at: 1_790_812_800,
          },
        ],
      },
    ],
    'x-reelgate': true,
  });
export type Quote = z.infer<typeof quoteSchema>;
