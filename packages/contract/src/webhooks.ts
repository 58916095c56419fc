/** Webhook endpoints and what was sent to them: OpenAI's own objects, with what is ours besides. */
import { z } from 'zod';
import { DEFAULT_EVENT_TYPES, EVENT_TYPES, eventSchema, eventTypeSchema } from './events.ts';
import { LIMITS, LIST_ORDERS, unixSecondsSchema } from './videos.ts';

export const WEBHOOK_ENDPOINT_ID_PATTERN = /^whe_[A-Za-z0-9]{22,64}$/;
export const EVENT_ID_PATTERN = /^evt_[A-Za-z0-9]{22,64}$/;
export const DELIVERY_ID_PATTERN = /^dlv_[A-Za-z0-9]{22,64}$/;

const beyond = { 'x-reelgate': true } as const;
const ENDPOINT_KINDS = ['standard', 'slack', 'video'] as const;
const DELIVERY_STATES = ['pending', 'delivered', 'exhausted', 'cancelled'] as const;

const exampleEndpoint = {
  id: 'whe_2a7c9e4f1b8d4036a5e2c7f9b1d30846',
  object: 'webhook_endpoint',
  name: 'Film desk',
  url: 'https://films.example.com/hooks',
  event_types: ['video.completed', 'video.failed'],
  signing_secret_hint: 'whsec_...kq8=',
  created_at: 1_790_000_000,
  updated_at: 1_790_000_000,
  kind: 'standard',
  enabled: true,
  failing_since: null,
  last_delivered_at: null,
} as const;

export const webhookEndpointSchema = z
  .object({
    id: z.string(),
    object: z.literal('webhook_endpoint'),
    name: z.string(),
    url: z.string(),
    event_types: z.array(z.string()),
    signing_secret_hint: z.string().nullable().describe('What may be shown of the signing secret.'),
    created_at: unixSecondsSchema,
    updated_at: unixSecondsSchema.describe('Of the last change of its settings or of its secret.'),
    kind: z.enum(ENDPOINT_KINDS).meta({
      description:
        '`slack` is sent messages for a chat; `video` stands for the host that the `webhook_url` of single videos names.',
      ...beyond,
    }),
    enabled: z.boolean().meta({
      description:
        'False where you switched it off, or where it failed for five days or said that it is gone.',
      ...beyond,
    }),
    failing_since: unixSecondsSchema.nullable().meta({
      description: 'Since when nothing has reached it; null where the last attempt did.',
      ...beyond,
    }),
    last_delivered_at: unixSecondsSchema.nullable().meta({ description: 'To the minute.', ...beyond }),
  })
  .meta({ description: 'Where your team is told. Never with its secret.', examples: [exampleEndpoint] });
export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>;

export const webhookEndpointWithSecretSchema = webhookEndpointSchema
  .extend({ signing_secret: z.string().describe('Shown only now: keep it where the receiver finds it.') })
  .meta({
    description: 'A webhook endpoint with its signing secret.',
    examples: [{ ...exampleEndpoint, signing_secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDrn7K8bCkkq8=' }],
  });
export type WebhookEndpointWithSecret = z.infer<typeof webhookEndpointWithSecretSchema>;

export const webhookEndpointListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(webhookEndpointSchema),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .meta({
    description: 'One page of webhook endpoints.',
    examples: [{ object: 'list', data: [], first_id: null, last_id: null, has_more: false }],
  });
export type WebhookEndpointList = z.infer<typeof webhookEndpointListSchema>;

export const webhookEndpointDeletedSchema = z
  .object({ id: z.string(), object: z.literal('webhook_endpoint.deleted'), deleted: z.literal(true) })
  .meta({
    description: 'Says that a webhook endpoint is gone.',
    examples: [{ id: exampleEndpoint.id, object: 'webhook_endpoint.deleted', deleted: true }],
  });

export const webhookEventTypesSchema = z
  .object({ object: z.literal('list'), data: z.array(eventTypeSchema) })
  .meta({
    description: 'The event types that there are.',
    examples: [{ object: 'list', data: EVENT_TYPES }],
  });

export const webhookTestResultSchema = z
  .object({
    object: z.literal('webhook_endpoint.test'),
    webhook_endpoint_id: z.string(),
    event_type: z.string(),
    success: z.literal(true).describe('An answer came. Whether it was a good one, `status_code` says.'),
    status_code: z.int(),
    duration_ms: z.int().meta(beyond),
    response_head: z.string().meta({ description: 'The first 4 KiB of the answer, as text.', ...beyond }),
  })
  .meta({
    description: 'What a receiver answered to a sample event.',
    examples: [
      {
        object: 'webhook_endpoint.test',
        webhook_endpoint_id: exampleEndpoint.id,
        event_type: 'video.completed',
        success: true,
        status_code: 204,
        duration_ms: 38,
        response_head: '',
      },
    ],
  });

const name = z.string().min(1).max(256).describe('What people call it.');
const url = z
  .string()
  .min(1)
  .max(2_048)
  .describe('Where events are posted to: https, and an address that may be reached from here.');
const eventTypes = z.array(eventTypeSchema).min(1).max(EVENT_TYPES.length);

export const createWebhookEndpointSchema = z
  .strictObject({
    name,
    url,
    event_types: eventTypes
      .optional()
      .describe(
        `What it wants to be told. Default: ${DEFAULT_EVENT_TYPES.map((type) => `\`${type}\``).join(' and ')}.`,
      ),
    kind: z
      .enum(['standard', 'slack'])
      .optional()
      .meta({ description: '`slack`: messages for a chat, with the thumbnail, unsigned.', ...beyond }),
  })
  .meta({
    description: 'A new webhook endpoint.',
    examples: [
      { name: exampleEndpoint.name, url: exampleEndpoint.url, event_types: exampleEndpoint.event_types },
    ],
  });

export const updateWebhookEndpointSchema = z
  .strictObject({
    name: name.optional(),
    url: url.optional(),
    event_types: eventTypes.optional(),
    enabled: z
      .boolean()
      .optional()
      .meta({
        description:
          'Switched on again it begins without a past; what was cancelled meanwhile can be replayed.',
        ...beyond,
      }),
  })
  .meta({ description: 'What is to change.', examples: [{ name: 'Film desk, nights' }] });

export const rotateWebhookSecretSchema = z
  .strictObject({
    keep_old_secret_active_for_24_hours: z
      .boolean()
      .optional()
      .describe('Both secrets sign for 24 hours. Without it the old one is worth nothing from now on.'),
  })
  .meta({ description: 'How to rotate.', examples: [{ keep_old_secret_active_for_24_hours: true }] });

export const testWebhookEndpointSchema = z
  .strictObject({ event_type: eventTypeSchema })
  .meta({ description: 'Which sample to send.', examples: [{ event_type: 'video.completed' }] });

const limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .describe(`From 0 to ${LIMITS.listMax}.`)
  .optional();

export const listWebhookEndpointsQuerySchema = z.object({
  limit,
  after: z.string().optional().describe('The last id of the page before.'),
});

export const listEventsQuerySchema = z.object({
  limit,
  after: z.string().optional().describe('The last id of the page before.'),
  order: z.enum(LIST_ORDERS).optional().describe('Default: newest first.'),
  type: eventTypeSchema.optional(),
  video_id: z.string().optional(),
});

export const eventListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(eventSchema),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .meta({
    description: 'One page of events.',
    examples: [{ object: 'list', data: [], first_id: null, last_id: null, has_more: false }],
  });
export type EventList = z.infer<typeof eventListSchema>;

export const streamHeadersSchema = z.object({
  'last-event-id': z.string().optional().meta({
    description:
      'The id of the last event that was seen: the stream goes on behind it. Clients for server-sent events send it by themselves.',
  }),
});
export const streamQuerySchema = z.object({
  after: z.string().optional().describe('As `last-event-id`, for the first request.'),
});

const exampleDelivery = {
  id: 'dlv_9c1f3b5d7e2a4860b4d6f8a1c3e50729',
  object: 'webhook_delivery',
  webhook_endpoint_id: exampleEndpoint.id,
  event_id: 'evt_5d0c2b7a9e8f4163a7b2c3d4e5f60718',
  event_type: 'video.completed',
  state: 'delivered',
  attempts: 1,
  next_attempt_at: null,
  last_outcome: 'delivered',
  last_status_code: 204,
  replay_of: null,
  created_at: 1_790_000_068,
} as const;

export const webhookDeliverySchema = z
  .object({
    id: z.string(),
    object: z.literal('webhook_delivery'),
    webhook_endpoint_id: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    state: z
      .enum(DELIVERY_STATES)
      .describe(
        '`exhausted`: tried for three days in vain. `cancelled`: the endpoint was switched off before.',
      ),
    attempts: z.int(),
    next_attempt_at: unixSecondsSchema.nullable(),
    last_outcome: z.string().nullable().describe('A word for programs: `delivered`, `refused`, `timeout`, …'),
    last_status_code: z.int().nullable(),
    replay_of: z.string().nullable().describe('The delivery that this one repeats.'),
    created_at: unixSecondsSchema,
  })
  .meta({ description: 'One event for one endpoint.', examples: [exampleDelivery] });
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

const attemptSchema = z.object({
  no: z.int(),
  started_at: unixSecondsSchema,
  duration_ms: z.int(),
  outcome: z.string(),
  url: z.string().nullable(),
  request_headers: z.record(z.string(), z.string()).nullable(),
  status_code: z.int().nullable(),
  response_headers: z.record(z.string(), z.string()).nullable(),
  response_head: z.string().nullable().describe('The first 4 KiB of the answer, as text.'),
  resolved_ip: z.string().nullable(),
});

export const webhookDeliveryDetailSchema = webhookDeliverySchema
  .extend({
    request_body: z.string().describe('Exactly what is signed and sent.'),
    attempt_list: z.array(attemptSchema),
  })
  .meta({
    description: 'A delivery with every attempt of it.',
    examples: [
      { ...exampleDelivery, request_body: '{"id":"evt_5d0c2b7a9e8f4163a7b2c3d4e5f60718"}', attempt_list: [] },
    ],
  });
export type WebhookDeliveryDetail = z.infer<typeof webhookDeliveryDetailSchema>;

export const webhookDeliveryListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(webhookDeliverySchema),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .meta({
    description: 'One page of deliveries.',
    examples: [{ object: 'list', data: [], first_id: null, last_id: null, has_more: false }],
  });
export type WebhookDeliveryList = z.infer<typeof webhookDeliveryListSchema>;

export const listDeliveriesQuerySchema = z.object({
  limit,
  after: z.string().optional().describe('The last id of the page before.'),
  state: z.enum(DELIVERY_STATES).optional(),
});

export const replaySinceSchema = z
  .strictObject({ since: unixSecondsSchema.max(99_999_999_999).describe('Of the events.') })
  .meta({ description: 'From when on.', examples: [{ since: 1_790_000_000 }] });

export const replayedSchema = z
  .object({ object: z.literal('webhook_endpoint.replay'), webhook_endpoint_id: z.string(), count: z.int() })
  .meta({
    description: 'How much is sent again.',
    examples: [{ object: 'webhook_endpoint.replay', webhook_endpoint_id: exampleEndpoint.id, count: 0 }],
  });
