/** What was spent, by any grouping. One definition of spend, the same that the quotas enforce. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import { amountOfMoneySchema, daySchema, idSchema, listed, named, periodQuery } from './wire.ts';

const USAGE_GROUPS = ['team', 'key', 'model', 'upstream', 'operation', 'day', 'month', 'tag'] as const;

const usageRowSchema = named(
  'UsageRow',
  z.object({
    team_id: z.string().nullable().optional(),
    team_name: z.string().nullable().optional(),
    key_id: z.string().nullable().optional(),
    key_name: z.string().nullable().optional(),
    model: z.string().nullable().optional(),
    upstream_id: z.string().nullable().optional(),
    operation: z.string().nullable().optional(),
    day: daySchema.nullable().optional(),
    month: z.string().nullable().optional(),
    tag: z.string().nullable().optional().describe('The value of the label that `tag_key` names.'),
    videos: z.int(),
    failed_videos: z.int(),
    seconds: z.int().describe('Paid for.'),
    spent_micro_usd: amountOfMoneySchema.describe('Settled.'),
    reserved_micro_usd: amountOfMoneySchema.describe('Under way or parked.'),
  }),
);
export type UsageRow = z.infer<typeof usageRowSchema>;

const usageSchema = named(
  'Usage',
  z
    .object({
      object: z.literal('usage'),
      from: z.string(),
      to: z.string(),
      time_zone: z.string(),
      group_by: z.array(z.enum(USAGE_GROUPS)),
      data: z.array(usageRowSchema),
      total: usageRowSchema.describe('Of everything that matches, also where `data` was cut off.'),
      truncated: z.boolean(),
    })
    .meta({ description: 'Videos, seconds and money of a time.' }),
);
export type Usage = z.infer<typeof usageSchema>;

const filters = {
  ...periodQuery,
  group_by: listed(z.enum(USAGE_GROUPS))
    .optional()
    .describe('Separated by commas; the total alone where absent.'),
  tag_key: z.string().min(1).max(64).optional().describe('The label to group or filter by.'),
  tag_value: z.string().max(512).optional(),
  team_id: idSchema.optional(),
  key_id: idSchema.optional(),
  model: z.string().max(100).optional(),
  upstream_id: idSchema.optional(),
  operation: z.string().max(20).optional(),
};

export const usageOperations = {
  getUsage: {
    method: 'get',
    path: '/usage',
    tag: 'Usage',
    summary: 'What was used',
    role: 'member',
    query: z.object(filters),
    answer: { json: usageSchema },
  },
  exportUsage: {
    method: 'get',
    path: '/usage.csv',
    tag: 'Usage',
    summary: 'Export what was used',
    role: 'member',
    query: z.object(filters),
    answer: { csv: usageRowSchema },
  },
} as const satisfies AdminOperations;
