/** The price book. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import { amountOfMoneySchema, givenTimeSchema, named, pageOf, pageQuery, timeSchema } from './wire.ts';

const priceSchema = named(
  'Price',
  z
    .object({
      id: z.string(),
      object: z.literal('price'),
      model: z.string(),
      size: z.string(),
      per_second_micro_usd: amountOfMoneySchema,
      per_image_micro_usd: amountOfMoneySchema.describe('Besides, for each picture that goes along.'),
      per_video_micro_usd: amountOfMoneySchema.describe('Besides, for each video.'),
      minimum_micro_usd: amountOfMoneySchema.describe('A video costs at least this.'),
      valid_from: timeSchema,
      valid_until: timeSchema.nullable().describe('When the next one takes over.'),
      state: z.enum(['past', 'current', 'future']),
    })
    .meta({
      description: 'What one model costs at one size. A video keeps the price that it was accepted under.',
    }),
);
export type Price = z.infer<typeof priceSchema>;

const createPriceSchema = named(
  'CreatePrice',
  z
    .strictObject({
      model: z.string().min(1).max(100),
      size: z.string().regex(/^\d{2,5}x\d{2,5}$/),
      per_second_micro_usd: amountOfMoneySchema,
      per_image_micro_usd: amountOfMoneySchema.optional(),
      per_video_micro_usd: amountOfMoneySchema.optional(),
      minimum_micro_usd: amountOfMoneySchema.optional(),
      valid_from: givenTimeSchema.optional().describe('Now, where absent; never in the past.'),
    })
    .meta({ examples: [{ model: 'sora-2', size: '1280x720', per_second_micro_usd: '120000' }] }),
);

const priceCoverageSchema = named(
  'PriceCoverage',
  z.object({
    object: z.literal('price_coverage'),
    complete: z.boolean(),
    missing: z
      .array(z.object({ model: z.string(), size: z.string() }))
      .describe('What a model offers and nobody has priced: it is refused.'),
  }),
);

export const priceOperations = {
  listPrices: {
    method: 'get',
    path: '/prices',
    tag: 'Prices',
    summary: 'List prices',
    role: 'member',
    query: z.object({
      ...pageQuery,
      model: z.string().max(100).optional(),
      state: z.enum(['past', 'current', 'future']).optional(),
    }),
    answer: { json: pageOf('PriceList', priceSchema) },
  },
  createPrice: {
    method: 'post',
    path: '/prices',
    tag: 'Prices',
    summary: 'Set a price from a date on',
    role: 'admin',
    recentSignIn: true,
    body: createPriceSchema,
    answer: { json: priceSchema },
  },
  getPriceCoverage: {
    method: 'get',
    path: '/prices/coverage',
    tag: 'Prices',
    summary: 'What has no price',
    role: 'member',
    answer: { json: priceCoverageSchema },
  },
} as const satisfies AdminOperations;
