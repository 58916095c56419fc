import {
  createWebhookEndpointSchema,
  EVENT_TYPES,
  listDeliveriesQuerySchema,
  listWebhookEndpointsQuerySchema,
  replaySinceSchema,
  rotateWebhookSecretSchema,
  testWebhookEndpointSchema,
  updateWebhookEndpointSchema,
} from '@reelgate/contract';
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  getWebhookDelivery,
  getWebhookEndpoint,
  listWebhookDeliveries,
  listWebhookEndpoints,
  replayDelivery,
  replayFailed,
  rotateWebhookSecret,
  testWebhookEndpoint,
  updateWebhookEndpoint,
} from '@reelgate/core';
import { Hono } from 'hono';
import type { GatewayEnv } from '../../gateway-env.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import {
  serializeDelivery,
  serializeDeliveryDetail,
  serializeEndpoint,
  serializeEndpointWithSecret,
  serializeList,
} from '../../serialize-webhooks.ts';
import { deliveryIdOf, endpointIdOf, jsonBody, limitOf, queryOf } from '../../webhook-request.ts';
import type { V1Deps } from './deps.ts';

/** A team's own endpoints, in the paths and shapes of OpenAI's webhook endpoints, and what was sent to them. */
export function createWebhookEndpointsRoutes({ webhooks, withFields }: V1Deps): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .post('/', async (c) => {
      const {
        event_types: eventTypes,
        kind,
        ...body
      } = await jsonBody(c, withFields, createWebhookEndpointSchema);
      const endpoint = await createWebhookEndpoint(webhooks, {
        teamId: c.var.principal.teamId,
        ...body,
        ...(eventTypes && { eventTypes }),
        ...(kind && { kind }),
      });
      return c.json(serializeEndpointWithSecret(endpoint));
    })
    .get('/', async (c) => {
      const { after, limit } = queryOf(c, listWebhookEndpointsQuerySchema);
      const page = { after, limit: limitOf(limit) };
      return c.json(
        serializeList(await listWebhookEndpoints(webhooks, c.var.principal.teamId, page), serializeEndpoint),
      );
    })
    .all('/', refuseOtherMethods('GET', 'HEAD', 'POST'))
    .get('/:endpointId', async (c) =>
      c.json(serializeEndpoint(await getWebhookEndpoint(webhooks, c.var.principal.teamId, endpointIdOf(c)))),
    )
    .post('/:endpointId', async (c) => {
      const id = endpointIdOf(c);
      const { event_types: eventTypes, ...body } = await jsonBody(c, withFields, updateWebhookEndpointSchema);
      const change = { ...body, eventTypes };
      return c.json(
        serializeEndpoint(await updateWebhookEndpoint(webhooks, c.var.principal.teamId, id, change)),
      );
    })
    .delete('/:endpointId', async (c) => {
      const id = endpointIdOf(c);
      await deleteWebhookEndpoint(webhooks, c.var.principal.teamId, id);
      return c.json({ id, object: 'webhook_endpoint.deleted', deleted: true });
    })
    .all('/:endpointId', refuseOtherMethods('GET', 'HEAD', 'POST', 'DELETE'))
    .post('/:endpointId/rotate_secret', async (c) => {
      const id = endpointIdOf(c);
      const body = await jsonBody(c, withFields, rotateWebhookSecretSchema);
      const keepOld = body.keep_old_secret_active_for_24_hours ?? false;
      return c.json(
        serializeEndpointWithSecret(
          await rotateWebhookSecret(webhooks, c.var.principal.teamId, id, { keepOld }),
        ),
      );
    })
    .all('/:endpointId/rotate_secret', refuseOtherMethods('POST'))
    .post('/:endpointId/test', async (c) => {
      const id = endpointIdOf(c);
      const { event_type: type } = await jsonBody(c, withFields, testWebhookEndpointSchema);
      const answer = await testWebhookEndpoint(webhooks, c.var.principal.teamId, id, type);
      return c.json({
        object: 'webhook_endpoint.test',
        webhook_endpoint_id: id,
        event_type: type,
        success: true,
        status_code: answer.status,
        duration_ms: Math.round(answer.durationMs),
        response_head: answer.responseHead,
      });
    })
    .all('/:endpointId/test', refuseOtherMethods('POST'))
    .get('/:endpointId/deliveries', async (c) => {
      const id = endpointIdOf(c);
      const { limit, ...page } = queryOf(c, listDeliveriesQuerySchema);
      const found = await listWebhookDeliveries(webhooks, c.var.principal.teamId, id, {
        ...page,
        limit: limitOf(limit),
      });
      return c.json(serializeList(found, serializeDelivery));
    })
    .all('/:endpointId/deliveries', refuseOtherMethods('GET', 'HEAD'))
    .post('/:endpointId/replay', async (c) => {
      const id = endpointIdOf(c);
      const { since } = await jsonBody(c, withFields, replaySinceSchema);
      const count = await replayFailed(webhooks, c.var.principal.teamId, id, new Date(since * 1_000));
      return c.json({ object: 'webhook_endpoint.replay', webhook_endpoint_id: id, count });
    })
    .all('/:endpointId/replay', refuseOtherMethods('POST'));
}

export function createWebhookEventTypesRoutes(): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .get('/', (c) => c.json({ object: 'list', data: EVENT_TYPES }))
    .all('/', refuseOtherMethods('GET', 'HEAD'));
}

export function createWebhookDeliveriesRoutes({ webhooks }: V1Deps): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .get('/:deliveryId', async (c) =>
      c.json(
        serializeDeliveryDetail(await getWebhookDelivery(webhooks, c.var.principal.teamId, deliveryIdOf(c))),
      ),
    )
    .all('/:deliveryId', refuseOtherMethods('GET', 'HEAD'))
    .post('/:deliveryId/replay', async (c) =>
      c.json(serializeDelivery(await replayDelivery(webhooks, c.var.principal.teamId, deliveryIdOf(c)))),
    )
    .all('/:deliveryId/replay', refuseOtherMethods('POST'));
}
