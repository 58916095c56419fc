/** What a key's team has used, what it may still use, and how to ask for more. */
import { z } from 'zod';
import { unixSecondsSchema } from './videos.ts';

const GROUPS = ['day', 'month', 'model', 'operation', 'key', 'tag'] as const;

const momentSchema = z.string().regex(/^\d{1,11}$/, 'expected Unix seconds');
const GROUP = `(${GROUPS.join('|')})`;

export const usageQuerySchema = z.object({
  from: momentSchema.optional().describe('From this moment on, in Unix seconds. The beginning of the month.'),
  to: momentSchema.optional().describe('Before this moment. Now.'),
  group_by: z
    .string()
    .regex(new RegExp(`^${GROUP}(,${GROUP}){0,5}$`), `expected some of ${GROUPS.join(', ')}`)
    .optional()
    .meta({
      description: `One or more of ${GROUPS.join(', ')}, separated by commas.`,
      examples: ['day,model'],
    }),
  tag_key: z.string().min(1).max(64).optional().describe('The label to group or filter by.'),
  tag_value: z.string().max(512).optional().describe('Only videos whose label has this value.'),
  scope: z
    .enum(['team', 'key'])
    .optional()
    .describe("Of the whole team, or of this key alone; the team's where it is absent."),
});

const microUsd = z.int().min(0).describe('In millionths of a US dollar.');

export const usageRowSchema = z
  .object({
    day: z.string().optional().describe("In the organization's time zone."),
    month: z.string().optional(),
    model: z.string().optional(),
    operation: z.string().optional(),
    key_id: z.string().optional(),
    tag: z.string().nullable().optional().describe('The value of the label; null where a video has none.'),
    videos: z.int().min(0),
    failed_videos: z.int().min(0),
    seconds: z.int().min(0).describe('Paid for.'),
    spent_micro_usd: microUsd,
    reserved_micro_usd: microUsd.describe('Of videos that are under way, in millionths of a US dollar.'),
  })
  .describe('The sums of one group.');

export const usageSchema = z
  .object({
    object: z.literal('usage'),
    scope: z.enum(['team', 'key']),
    from: unixSecondsSchema,
    to: unixSecondsSchema,
    time_zone: z.string(),
    data: z.array(usageRowSchema).describe('One row for each group; empty without `group_by`.'),
    total: usageRowSchema,
    truncated: z.boolean().describe('There are more groups than are shown; the total has them.'),
  })
  .meta({
    description: 'What was used: the same figures that the quotas enforce.',
    examples: [
      {
        object: 'usage',
        scope: 'team',
        from: 1_788_220_800,
        to: 1_790_000_000,
        time_zone: 'UTC',
        data: [
          {
            day: '2026-09-20',
            videos: 2,
            failed_videos: 1,
            seconds: 16,
            spent_micro_usd: 1_600_000,
            reserved_micro_usd: 0,
          },
        ],
        total: {
          videos: 2,
          failed_videos: 1,
          seconds: 16,
          spent_micro_usd: 1_600_000,
          reserved_micro_usd: 0,
        },
        truncated: false,
      },
    ],
    'x-reelgate': true,
  });
export type Usage = z.infer<typeof usageSchema>;

const amountSchema = z.string().regex(/^\d+$/);

export const quotaLimitSchema = z
  .object({
    id: z.string(),
    scope: z.enum(['team', 'key']).describe('Whose limit it is.'),
    metric: z.enum(['cost', 'seconds', 'videos', 'concurrent']),
    window: z.enum(['month', 'day', 'none', 'leaky']),
    span_seconds: z
      .int()
      .nullable()
      .describe('Of a leaky window: in how long the whole limit is given back.'),
    model: z.string().nullable().describe('Counts videos of this model only.'),
    tags: z.record(z.string(), z.string()).describe('Counts videos with these labels only.'),
    limit: amountSchema.nullable().describe('With what is granted for a while. Null where it only counts.'),
    soft_limit: amountSchema.nullable(),
    granted: amountSchema,
    used: amountSchema,
    reserved: amountSchema.describe('Held for videos that are under way.'),
    left: amountSchema.nullable(),
    resets_at: unixSecondsSchema.nullable(),
  })
  .describe(
    'One limit. Amounts are decimal strings: millionths of a US dollar for `cost`, else plain numbers.',
  );

export const quotaSchema = z
  .object({
    object: z.literal('quota'),
    time_zone: z.string().describe("The organization's: in it days and months begin."),
    limits: z.array(quotaLimitSchema),
  })
  .meta({
    description: "Your team's and your key's own limits, and how they stand.",
    examples: [
      {
        object: 'quota',
        time_zone: 'UTC',
        limits: [
          {
            id: 'quota_7c2b7a9e8f4163a7b2c3d4e5f6071819',
            scope: 'team',
            metric: 'cost',
            window: 'month',
            span_seconds: null,
            model: null,
            tags: {},
            limit: '50000000',
            soft_limit: null,
            granted: '0',
            used: '12400000',
            reserved: '800000',
            left: '36800000',
            resets_at: 1_790_812_800,
          },
        ],
      },
    ],
    'x-reelgate': true,
  });
export type Quota = z.infer<typeof quotaSchema>;

export const requestQuotaSchema = z
  .object({
    limit_id: z.string().min(1).max(100).describe('One of the limits of `/quota`.'),
    amount: z
      .string()
      .regex(/^[1-9]\d{0,17}$/)
      .describe('How much more: millionths of a US dollar for `cost`, else a plain number.'),
    reason: z.string().trim().min(1).max(500).describe('For the people who decide.'),
  })
  .meta({
    description: 'A wish for more.',
    examples: [
      {
        limit_id: 'quota_7c2b7a9e8f4163a7b2c3d4e5f6071819',
        amount: '20000000',
        reason: 'Two more trailers this month',
      },
    ],
  });

export const quotaRequestSchema = z
  .object({
    id: z.string(),
    object: z.literal('quota.request'),
    limit_id: z.string(),
    amount: amountSchema,
    reason: z.string(),
    state: z.enum(['open', 'approved', 'denied', 'withdrawn']),
    created_at: unixSecondsSchema,
  })
  .meta({
    description: 'A wish for more, which an administrator decides.',
    examples: [
      {
        id: 'breq_5d0c2b7a9e8f4163a7b2c3d4e5f60718',
        object: 'quota.request',
        limit_id: 'quota_7c2b7a9e8f4163a7b2c3d4e5f6071819',
        amount: '20000000',
        reason: 'Two more trailers this month',
        state: 'open',
        created_at: 1_790_000_000,
      },
    ],
    'x-reelgate': true,
  });
export type QuotaRequest = z.infer<typeof quotaRequestSchema>;
