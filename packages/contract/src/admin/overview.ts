/** The first page: what is spent, what runs, what needs somebody. */
import { z } from 'zod';
import { VIDEO_STATUSES } from '../videos.ts';
import type { AdminOperations } from './operation.ts';
import {
  amountOfMoneySchema,
  daySchema,
  idSchema,
  named,
  nameOfSchema,
  periodQuery,
  timeSchema,
} from './wire.ts';

const ATTENTION_KINDS = [
  'team_over_80_percent',
  'budget_request',
  'stuck_video',
  'video_at_risk',
  'unpriced_model',
  'disabled_endpoint',
  'failing_upstream',
  'ledger_mismatch',
  'parked_reservation',
  'orphan',
  'paused',
  'frozen_team',
] as const;

const attentionSchema = named(
  'Attention',
  z.object({
    kind: z.enum(ATTENTION_KINDS),
    severity: z.enum(['critical', 'warning', 'info']),
    label: z.string().describe('For people.'),
    target: z.string().describe('The id of what needs somebody.'),
    team_id: z.string().nullable(),
    since: timeSchema.nullable(),
    count: z.int().describe('More than 1 where one row stands for many of a kind.'),
  }),
);

const overviewSchema = named(
  'Overview',
  z
    .object({
      object: z.literal('overview'),
      at: timeSchema,
      month: z.object({
        from: timeSchema,
        to: timeSchema,
        time_zone: z.string(),
        spent_micro_usd: amountOfMoneySchema,
        reserved_micro_usd: amountOfMoneySchema,
        forecast_micro_usd: amountOfMoneySchema
          .nullable()
          .describe('At the end of the month; null on its first day.'),
        budget_micro_usd: amountOfMoneySchema
          .nullable()
          .describe(
            "The organization's quota, or else what the teams' quotas add up to; null where there are none.",
          ),
        runs_out_at: timeSchema.nullable(),
        videos: z.int(),
      }),
      active: z.object({ waiting: z.int(), queued: z.int(), running: z.int(), archiving: z.int() }),
      last_24_hours: z.object({
        completed: z.int(),
        failed: z.int(),
        success_rate: z.number().min(0).max(1).nullable().describe('Null where nothing has ended.'),
        p50_seconds_to_ready: z.number().nullable(),
        p95_seconds_to_ready: z.number().nullable(),
        webhook_attempts: z.int(),
        webhook_failure_rate: z.number().min(0).max(1).nullable(),
      }),
      at_risk: z.array(
        z.object({
          video_id: z.string(),
          team: nameOfSchema,
          expires_at: timeSchema.nullable(),
          cost_micro_usd: amountOfMoneySchema,
        }),
      ),
      storage: z.object({ bytes: z.int(), videos: z.int() }),
      attention: z.array(attentionSchema),
    })
    .meta({ description: 'Everything in one look. For your teams only, unless you are an admin.' }),
);
export type Overview = z.infer<typeof overviewSchema>;

const SPEND_GROUPS = ['team', 'model', 'upstream', 'key', 'operation', 'tag'] as const;

const spendSeriesSchema = named(
  'SpendSeries',
  z
    .object({
      object: z.literal('spend_series'),
      time_zone: z.string(),
      days: z.array(daySchema),
      series: z
        .array(
          z.object({
            id: z.string().nullable().describe('Null: everything beyond the largest.'),
            name: z.string(),
            spent_micro_usd: z.array(amountOfMoneySchema).describe('One for each day.'),
            total_micro_usd: amountOfMoneySchema,
          }),
        )
        .describe('Largest first.'),
      cumulative_micro_usd: z.array(amountOfMoneySchema),
      budget_micro_usd: amountOfMoneySchema.nullable(),
    })
    .meta({ description: 'What each day has cost: settled, by the day on which a video was accepted.' }),
);
export type SpendSeries = z.infer<typeof spendSeriesSchema>;

const statusSeriesSchema = named(
  'StatusSeries',
  z
    .object({
      object: z.literal('status_series'),
      hours: z.array(timeSchema),
      series: z.array(z.object({ status: z.enum(VIDEO_STATUSES), videos: z.array(z.int()) })),
    })
    .meta({ description: 'Videos that were accepted in each hour, by the status that they have now.' }),
);

const latencySeriesSchema = named(
  'LatencySeries',
  z
    .object({
      object: z.literal('latency_series'),
      hours: z.array(timeSchema),
      p50_seconds: z.array(z.number().nullable()),
      p95_seconds: z.array(z.number().nullable()),
      p99_seconds: z.array(z.number().nullable()),
      videos: z.array(z.int()),
    })
    .meta({
      description: 'Seconds until a video was ready, by the hour in which it was. No data is null, not zero.',
    }),
);

const filters = { ...periodQuery, team_id: idSchema.optional(), model: z.string().max(100).optional() };

export const overviewOperations = {
  getOverview: {
    method: 'get',
    path: '/overview',
    tag: 'Overview',
    summary: 'Everything in one look',
    role: 'member',
    query: z.object({ team_id: idSchema.optional() }),
    answer: { json: overviewSchema },
  },
  getSpendSeries: {
    method: 'get',
    path: '/series/spend',
    tag: 'Overview',
    summary: 'Spend by day',
    role: 'member',
    query: z.object({
      ...filters,
      group_by: z.enum(SPEND_GROUPS).optional().meta({ default: 'team' }),
      tag_key: z.string().min(1).max(64).optional(),
    }),
    answer: { json: spendSeriesSchema },
  },
  getStatusSeries: {
    method: 'get',
    path: '/series/status',
    tag: 'Overview',
    summary: 'Videos by status and hour',
    role: 'member',
    query: z.object(filters),
    answer: { json: statusSeriesSchema },
  },
  getLatencySeries: {
    method: 'get',
    path: '/series/latency',
    tag: 'Overview',
    summary: 'Time to ready by hour',
    role: 'member',
    query: z.object(filters),
    answer: { json: latencySeriesSchema },
  },
} as const satisfies AdminOperations;
