/** Where teams are told, and whether they were. */
import { z } from 'zod';
import { EVENT_TYPES } from '../events.ts';
import type { AdminOperations } from './operation.ts';
import {
  booleanQuerySchema,
  doneSchema,
  givenTimeSchema,
  idSchema,
  listed,
  named,
  nameOfSchema,
  pageOf,
  pageQuery,
  timeSchema,
  versionSchema,
} from './wire.ts';

const ENDPOINT_STATES = ['enabled', 'disabled_auto', 'disabled_user'] as const;
const ENDPOINT_KINDS = ['standard', 'slack'] as const;
const DELIVERY_STATES = ['pending', 'delivered', 'exhausted', 'cancelled'] as const;

const adminEndpointSchema = named(
  'WebhookEndpoint',
  z
    .object({
      id: z.string(),
      object: z.literal('webhook_endpoint'),
      team: nameOfSchema.describe("With the id `org`: the organization's own, which is told of every team."),
      name: z.string().nullable(),
      kind: z
        .enum([...ENDPOINT_KINDS, 'video'])
        .describe('`video`: stands for the host that the `webhook_url` of single videos names.'),
      url: z.string(),
      event_types: z.array(z.string()),
      state: z
        .enum(ENDPOINT_STATES)
        .describe('`disabled_auto`: failed for too long. Says so until somebody enables it again.'),
      failing_since: timeSchema.nullable(),
      consecutive_failures: z.int(),
      deliveries_last_24_hours: z.int(),
      failures_last_24_hours: z.int(),
      p95_ms: z.int().nullable().describe('Until the receiver had answered, over 24 hours.'),
      last_delivered_at: timeSchema.nullable(),
      rotating_until: timeSchema.nullable().describe('Until then the secret before is used as well.'),
      created_at: timeSchema,
      version: z.int(),
    })
    .meta({ description: 'A webhook endpoint; never its secret.' }),
);
export type AdminEndpoint = z.infer<typeof adminEndpointSchema>;

const endpointWithSecretSchema = named(
  'WebhookEndpointWithSecret',
  adminEndpointSchema.extend({ secret: z.string().describe('The signing secret. Shown only now.') }),
);

const webhookSecretSchema = named(
  'TeamWebhookSecret',
  z.object({
    object: z.literal('webhook_secret'),
    team_id: z.string(),
    secret: z.string().describe('Shown only now.'),
    rotating_until: timeSchema.nullable().describe('Until then the secret before is used as well.'),
  }),
);

const settings = {
  name: z.string().max(100).nullable(),
  url: z.url().max(2_000),
  event_types: z.array(z.string().min(1).max(100)).min(1).max(50),
};

const createEndpointSchema = named(
  'CreateWebhookEndpoint',
  z
    .strictObject({
      team_id: idSchema.describe('`org` for one that is told of every team, by an admin.'),
      url: settings.url,
      name: settings.name.optional(),
      kind: z.enum(ENDPOINT_KINDS).default('standard'),
      event_types: settings.event_types
        .optional()
        .describe('`video.completed` and `video.failed`, where absent.'),
    })
    .meta({
      examples: [
        { team_id: 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923', url: 'https://films.example.com/hooks' },
      ],
    }),
);

const updateEndpointSchema = named(
  'UpdateWebhookEndpoint',
  z
    .strictObject({
      url: settings.url.optional(),
      name: settings.name.optional(),
      event_types: settings.event_types.optional(),
      enabled: z.boolean().optional(),
      version: versionSchema.optional(),
    })
    .meta({ examples: [{ enabled: true }] }),
);

const attemptSchema = named(
  'WebhookAttempt',
  z.object({
    no: z.int(),
    started_at: timeSchema,
    duration_ms: z.int(),
    outcome: z.string(),
    status: z.int().nullable(),
    url: z.string().nullable(),
    request_headers: z.record(z.string(), z.string()).nullable(),
    response_headers: z.record(z.string(), z.string()).nullable(),
    response_head: z.string().nullable().describe('The beginning of what the receiver answered, as text.'),
    resolved_ip: z.string().nullable(),
  }),
);

export const deliverySchema = named(
  'WebhookDelivery',
  z
    .object({
      id: z.string(),
      object: z.literal('webhook_delivery'),
      endpoint_id: z.string(),
      endpoint_url: z.string(),
      team: nameOfSchema.describe('With the id `org`: it is about the organization itself.'),
      event_id: z.string(),
      event_type: z.string(),
      video_id: z.string().nullable(),
      state: z.enum(DELIVERY_STATES),
      attempts: z.int(),
      next_attempt_at: timeSchema.nullable(),
      last_status: z.int().nullable(),
      last_outcome: z.string().nullable(),
      replay_of: z.string().nullable(),
      created_at: timeSchema,
    })
    .meta({ description: 'One event for one endpoint.' }),
);
export type AdminDelivery = z.infer<typeof deliverySchema>;

const deliveryDetailSchema = named(
  'WebhookDeliveryDetail',
  deliverySchema.extend({
    request_body: z.string().describe('Exactly what is signed and sent.'),
    attempt_list: z.array(attemptSchema),
  }),
);

const replaySinceSchema = named(
  'ReplaySince',
  z
    .strictObject({
      since: givenTimeSchema,
      only_failed: z.boolean().default(true).describe('Not what has reached the endpoint.'),
      dry_run: z.boolean().default(false).describe('Only says how many.'),
    })
    .meta({ examples: [{ since: '2026-11-02T00:00:00Z', dry_run: true }] }),
);

const replayedSchema = named(
  'Replayed',
  z.object({ object: z.literal('replayed'), count: z.int(), dry_run: z.boolean() }),
);

const endpointTestedSchema = named(
  'WebhookEndpointTested',
  z
    .object({
      object: z.literal('webhook_endpoint.test'),
      endpoint_id: z.string(),
      event_type: z.string(),
      status: z.int(),
      duration_ms: z.int(),
      response_head: z.string(),
    })
    .meta({ description: 'What the receiver answered.' }),
);

export const webhookOperations = {
  listWebhookEndpoints: {
    method: 'get',
    path: '/webhook-endpoints',
    tag: 'Webhooks',
    summary: 'List endpoints',
    role: 'member',
    query: z.object({
      ...pageQuery,
      team_id: idSchema.optional(),
      state: listed(z.enum(ENDPOINT_STATES)).optional(),
    }),
    answer: { json: pageOf('WebhookEndpointList', adminEndpointSchema) },
  },
  createWebhookEndpoint: {
    method: 'post',
    path: '/webhook-endpoints',
    tag: 'Webhooks',
    summary: 'Register an endpoint',
    role: 'manager',
    recentSignIn: true,
    body: createEndpointSchema,
    answer: { json: endpointWithSecretSchema },
  },
  getWebhookEndpoint: {
    method: 'get',
    path: '/webhook-endpoints/{endpoint_id}',
    tag: 'Webhooks',
    summary: 'Retrieve an endpoint',
    role: 'member',
    answer: { json: adminEndpointSchema },
  },
  updateWebhookEndpoint: {
    method: 'patch',
    path: '/webhook-endpoints/{endpoint_id}',
    tag: 'Webhooks',
    summary: 'Change an endpoint',
    role: 'manager',
    body: updateEndpointSchema,
    answer: { json: adminEndpointSchema },
  },
  deleteWebhookEndpoint: {
    method: 'delete',
    path: '/webhook-endpoints/{endpoint_id}',
    tag: 'Webhooks',
    summary: 'Remove an endpoint',
    role: 'manager',
    answer: { json: doneSchema },
  },
  rotateWebhookSecret: {
    method: 'post',
    path: '/webhook-endpoints/{endpoint_id}/rotate',
    tag: 'Webhooks',
    summary: 'Rotate the signing secret',
    description: 'For 24 hours both secrets sign, unless it is an emergency.',
    role: 'manager',
    recentSignIn: true,
    query: z.object({
      emergency: booleanQuerySchema.optional().describe('The secret before is worth nothing from now on.'),
    }),
    answer: { json: endpointWithSecretSchema },
  },
  rotateTeamWebhookSecret: {
    method: 'post',
    path: '/teams/{team_id}/rotate-webhook-secret',
    tag: 'Teams',
    summary: 'Make a new webhook secret',
    description:
      'It signs what the `webhook_url` of single videos are told. For 24 hours the one before signs as well, unless it is an emergency.',
    role: 'manager',
    recentSignIn: true,
    query: z.object({
      emergency: booleanQuerySchema.optional().describe('The secret before is worth nothing from now on.'),
    }),
    answer: { json: webhookSecretSchema },
  },
  testWebhookEndpoint: {
    method: 'post',
    path: '/webhook-endpoints/{endpoint_id}/test',
    tag: 'Webhooks',
    summary: 'Send a test event',
    role: 'manager',
    query: z.object({ event_type: z.enum(EVENT_TYPES).optional() }),
    answer: { json: endpointTestedSchema },
  },
  replayWebhookEndpoint: {
    method: 'post',
    path: '/webhook-endpoints/{endpoint_id}/replay',
    tag: 'Webhooks',
    summary: 'Send all since a time again',
    role: 'manager',
    body: replaySinceSchema,
    answer: { json: replayedSchema },
  },
  listDeliveries: {
    method: 'get',
    path: '/deliveries',
    tag: 'Webhooks',
    summary: 'List deliveries',
    description: 'Newest first.',
    role: 'member',
    query: z.object({
      ...pageQuery,
      team_id: idSchema.optional(),
      endpoint_id: idSchema.optional(),
      video_id: idSchema.optional(),
      event_type: z.string().max(100).optional(),
      state: listed(z.enum(DELIVERY_STATES)).optional(),
      from: givenTimeSchema.optional(),
      to: givenTimeSchema.optional(),
    }),
    answer: { json: pageOf('WebhookDeliveryList', deliverySchema) },
  },
  getDelivery: {
    method: 'get',
    path: '/deliveries/{delivery_id}',
    tag: 'Webhooks',
    summary: 'Retrieve a delivery',
    description: 'With the request and every attempt.',
    role: 'member',
    answer: { json: deliveryDetailSchema },
  },
  replayDelivery: {
    method: 'post',
    path: '/deliveries/{delivery_id}/replay',
    tag: 'Webhooks',
    summary: 'Send a delivery again',
    role: 'manager',
    answer: { json: deliverySchema },
  },
} as const satisfies AdminOperations;
