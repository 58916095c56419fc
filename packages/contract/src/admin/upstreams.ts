/** Services that render, and the models that are routed to them. */
import { z } from 'zod';
import type { AdminOperations } from './operation.ts';
import { named, pageOf, reasonSchema, timeSchema } from './wire.ts';

const adminModelSchema = named(
  'AdminModel',
  z
    .object({
      id: z.string().describe('The name that callers send.'),
      object: z.literal('model'),
      upstream_id: z.string(),
      upstream_model: z.string(),
      aliases: z.array(z.string()),
      seconds: z.array(z.int()),
      sizes: z.array(z.string()),
      default_seconds: z.int(),
      default_size: z.string(),
      capabilities: z.array(z.string()),
      enabled: z.boolean(),
      unpriced_sizes: z.array(z.string()),
      shutdown_at: timeSchema.nullable(),
      videos_last_30_days: z.int(),
    })
    .meta({ description: 'A model, as the configuration has it.' }),
);
export type AdminModel = z.infer<typeof adminModelSchema>;

const UPSTREAM_STATES = ['active', 'draining', 'disabled'] as const;

const upstreamSchema = named(
  'Upstream',
  z
    .object({
      id: z.string(),
      object: z.literal('upstream'),
      kind: z.string(),
      base_url: z.string(),
      state: z
        .enum(UPSTREAM_STATES)
        .describe('`draining`: gets no new videos, its own are followed; `disabled`: is not asked at all.'),
      state_reason: z.string().nullable(),
      health: z.enum(['healthy', 'degraded', 'failing', 'unknown']),
      breaker: z.object({
        state: z.enum(['closed', 'open', 'half_open']),
        until: timeSchema.nullable(),
        reason: z.string().nullable(),
      }),
      out_of_credit: z
        .boolean()
        .describe(
          'Its account cannot pay: new videos are refused, but for one every five minutes that finds out whether it can again. To set the state to `active` ends that at once.',
        ),
      in_flight: z.int(),
      in_flight_limit: z.int().nullable(),
      waiting: z.int().describe('Accepted and not yet sent.'),
      errors_last_hour: z.array(z.object({ class: z.string(), count: z.int() })),
      success_rate_last_24_hours: z.number().min(0).max(1).nullable(),
      p50_seconds: z.number().nullable().describe('From sent to finished, over 24 hours.'),
      p95_seconds: z.number().nullable(),
      clock_skew_ms: z.int(),
      last_listed_at: timeSchema.nullable(),
      models: z.array(z.string()),
      shutdown_at: timeSchema.nullable(),
    })
    .meta({ description: 'An upstream; never its credential.' }),
);
export type Upstream = z.infer<typeof upstreamSchema>;

const setUpstreamStateSchema = named(
  'SetUpstreamState',
  z
    .strictObject({ state: z.enum(UPSTREAM_STATES), reason: reasonSchema })
    .meta({ examples: [{ state: 'draining', reason: 'Price rise announced' }] }),
);

export const upstreamOperations = {
  listAdminModels: {
    method: 'get',
    path: '/models',
    tag: 'Models',
    summary: 'List models',
    role: 'member',
    answer: { json: pageOf('AdminModelList', adminModelSchema) },
  },
  listUpstreams: {
    method: 'get',
    path: '/upstreams',
    tag: 'Upstreams',
    summary: 'List upstreams',
    role: 'admin',
    answer: { json: pageOf('UpstreamList', upstreamSchema) },
  },
  getUpstream: {
    method: 'get',
    path: '/upstreams/{upstream_id}',
    tag: 'Upstreams',
    summary: 'Retrieve an upstream',
    role: 'admin',
    answer: { json: upstreamSchema },
  },
  setUpstreamState: {
    method: 'post',
    path: '/upstreams/{upstream_id}/state',
    tag: 'Upstreams',
    summary: 'Drain, disable or enable an upstream',
    role: 'admin',
    body: setUpstreamStateSchema,
    answer: { json: upstreamSchema },
  },
} as const satisfies AdminOperations;
