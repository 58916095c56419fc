/** Limits. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import {
  doneSchema,
  idSchema,
  named,
  pageOf,
  pageQuery,
  quantitySchema,
  timeSchema,
  versionSchema,
} from './wire.ts';

export const QUOTA_SCOPES = ['org', 'team', 'key'] as const;
export const QUOTA_METRICS = ['cost', 'seconds', 'videos', 'concurrent', 'requests'] as const;
const QUOTA_WINDOWS = ['day', 'month', 'none', 'leaky', 'minute'] as const;

export const scopeSchema = z.object({ kind: z.enum(QUOTA_SCOPES), id: z.string(), name: z.string() });
const tagSchema = z.strictObject({ key: z.string().min(1).max(64), value: z.string().max(512) });
const thresholdsSchema = z
  .array(z.int().min(1).max(100))
  .max(10)
  .describe('Percentages of the limit at which an event is written, once in a period.');

const quotaSchema = named(
  'Quota',
  z
    .object({
      id: z.string(),
      object: z.literal('quota'),
      scope: scopeSchema,
      metric: z.enum(QUOTA_METRICS),
      window: z.enum(QUOTA_WINDOWS).describe('`none` never resets; `minute` is for requests alone.'),
      span_seconds: z
        .int()
        .nullable()
        .describe('Of a leaky window: in how long the whole limit is given back.'),
      time_zone: z.string(),
      model: z.string().nullable().describe('Counts videos of this model only.'),
      tag: tagSchema.nullable().describe('Counts videos with this label only.'),
      hard: quantitySchema.nullable().describe('Never exceeded. Null: only counts.'),
      soft: quantitySchema.nullable().describe('Only tells.'),
      thresholds: thresholdsSchema,
      used: quantitySchema,
      reserved: quantitySchema,
      granted: quantitySchema.describe('By grants that are in force; part of what is left.'),
      left: quantitySchema.nullable(),
      period_start: timeSchema.nullable(),
      resets_at: timeSchema.nullable(),
      updated_at: timeSchema,
      version: z.int(),
    })
    .meta({
      description: 'A limit and what it has seen in its open period.',
      examples: [
        {
          id: 'quota_7c2b7a9e8f4163a7b2c3d4e5f6071819',
          object: 'quota',
          scope: { kind: 'team', id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923', name: 'films' },
          metric: 'cost',
          window: 'month',
          span_seconds: null,
          time_zone: 'Europe/Berlin',
          model: null,
          tag: null,
          hard: '250000000',
          soft: null,
          thresholds: [50, 80, 100],
          used: '112400000',
          reserved: '2400000',
          granted: '0',
          left: '135200000',
          period_start: '2026-10-31T23:00:00.000Z',
          resets_at: '2026-11-30T23:00:00.000Z',
          updated_at: '2026-11-02T09:30:00.000Z',
          version: 1,
        },
      ],
    }),
);
export type Quota = z.infer<typeof quotaSchema>;

const limits = {
  hard: quantitySchema.nullable(),
  soft: quantitySchema.nullable(),
  thresholds: thresholdsSchema,
};

const createQuotaSchema = named(
  'CreateQuota',
  z
    .strictObject({
      scope_kind: z.enum(QUOTA_SCOPES),
      scope_id: idSchema.describe('A team or a key; `org` for the organization.'),
      metric: z.enum(QUOTA_METRICS),
      window: z.enum(QUOTA_WINDOWS),
      span_seconds: z
        .int()
        .min(60)
        .max(31_536_000)
        .optional()
        .describe('Of a leaky window; a day where absent.'),
      model: z.string().min(1).max(100).nullable().optional(),
      tag: tagSchema.nullable().optional(),
      hard: limits.hard,
      soft: limits.soft.optional(),
      thresholds: limits.thresholds.optional(),
    })
    .meta({
      description: 'A new limit. There is one of each scope, metric, window, model and tag.',
      examples: [
        {
          scope_kind: 'team',
          scope_id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923',
          metric: 'cost',
          window: 'month',
          hard: '250000000',
        },
      ],
    }),
);

const updateQuotaSchema = named(
  'UpdateQuota',
  z
    .strictObject({
      hard: limits.hard.optional(),
      soft: limits.soft.optional(),
      thresholds: limits.thresholds.optional(),
      version: versionSchema.optional(),
    })
    .meta({ examples: [{ hard: '300000000', version: 1 }] }),
);

const previewQuotaSchema = named(
  'PreviewQuota',
  z
    .strictObject({ hard: quantitySchema.nullable() })
    .meta({ description: 'A limit to try.', examples: [{ hard: '100000000' }] }),
);

const quotaPreviewSchema = named(
  'QuotaPreview',
  z.object({
    object: z.literal('quota.preview'),
    quota_id: z.string(),
    hard: quantitySchema.nullable(),
    used: quantitySchema,
    reserved: quantitySchema,
    left: quantitySchema.nullable(),
    over: z.boolean().describe('Already above: nothing new is accepted until the reset.'),
    percent: z.number().nullable(),
    runs_out_at: timeSchema.nullable().describe('At the rate of the last seven days.'),
    would_have_refused: z.int().describe('Of the videos of the open period, how many would not have fitted.'),
  }),
);

export const quotaOperations = {
  listQuotas: {
    method: 'get',
    path: '/quotas',
    tag: 'Quotas',
    summary: 'List quotas',
    role: 'member',
    query: z.object({
      ...pageQuery,
      scope_kind: z.enum(QUOTA_SCOPES).optional(),
      scope_id: idSchema.optional(),
      team_id: idSchema.optional().describe("The team's own and those of its keys."),
      metric: z.enum(QUOTA_METRICS).optional(),
    }),
    answer: { json: pageOf('QuotaList', quotaSchema) },
  },
  createQuota: {
    method: 'post',
    path: '/quotas',
    tag: 'Quotas',
    summary: 'Set a new limit',
    role: 'admin',
    recentSignIn: true,
    body: createQuotaSchema,
    answer: { json: quotaSchema },
  },
  getQuota: {
    method: 'get',
    path: '/quotas/{quota_id}',
    tag: 'Quotas',
    summary: 'Retrieve a quota',
    role: 'member',
    answer: { json: quotaSchema },
  },
  updateQuota: {
    method: 'patch',
    path: '/quotas/{quota_id}',
    tag: 'Quotas',
    summary: 'Change a limit',
    description:
      'Takes effect with the next create. Below what is used already, nothing ends and nothing new is accepted.',
    role: 'admin',
    recentSignIn: true,
    body: updateQuotaSchema,
    answer: { json: quotaSchema },
  },
  deleteQuota: {
    method: 'delete',
    path: '/quotas/{quota_id}',
    tag: 'Quotas',
    summary: 'Take a limit away',
    role: 'admin',
    recentSignIn: true,
    answer: { json: doneSchema },
  },
  previewQuota: {
    method: 'post',
    path: '/quotas/{quota_id}/preview',
    tag: 'Quotas',
    summary: 'What another limit would do',
    description: 'Changes nothing.',
    role: 'manager',
    reads: true,
    body: previewQuotaSchema,
    answer: { json: quotaPreviewSchema },
  },
} as const satisfies AdminOperations;
