import { type EventType, eventTypeSchema } from '@reelgate/contract';
import type { AdminDelivery, AdminEndpoint, webhookOperations } from '@reelgate/contract/admin';
import {
  type AdminContext,
  countFailed,
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  type EndpointView,
  getScopedDelivery,
  getScopedEndpoint,
  getTeam,
  getWebhookDelivery,
  listDeliveriesInScope,
  listScopedEndpoints,
  ownerOfEndpoint,
  replayDelivery,
  replayFailed,
  rotateTeamWebhookSecret,
  rotateWebhookSecret,
  type ScopedDelivery,
  testWebhookEndpoint,
  updateWebhookEndpoint,
  versionOfEndpoint,
  type WebhookContext,
} from '@reelgate/core';
import { page, pageRequest, time, timeOrNull } from '../../admin/answers.ts';
import type { HandlersOf } from '../../admin/handler.ts';
import { badRequest } from '../../errors.ts';
import { serializeDelivery } from './serialize-delivery.ts';

const ORGANIZATION = { id: 'org', name: 'Organization' };

export function createWebhookHandlers(webhooks: WebhookContext): HandlersOf<typeof webhookOperations> {
  const acting = (ctx: AdminContext): WebhookContext => ({ ...webhooks, actor: ctx.actor });

  return {
    async listWebhookEndpoints({ ctx, query }) {
      const filter = { teamId: query.team_id, states: query.state };
      const { endpoints, hasMore } = await listScopedEndpoints(ctx, filter, pageRequest(query));
      return page(endpoints.map(serializeEndpoint), hasMore);
    },
    async createWebhookEndpoint({ ctx, body }) {
      const teamId = await teamOf(ctx, body.team_id);
      const { id, secret } = await createWebhookEndpoint(acting(ctx), {
        teamId,
        url: body.url,
        kind: body.kind,
        ...(body.name != null && { name: body.name }),
        ...(body.event_types && { eventTypes: eventTypes(body.event_types) }),
      });
      return { ...serializeEndpoint(await getScopedEndpoint(ctx, id)), secret };
    },
    async getWebhookEndpoint({ ctx, params }) {
      return serializeEndpoint(await getScopedEndpoint(ctx, params.endpoint_id));
    },
    async updateWebhookEndpoint({ ctx, params, body }) {
      const id = params.endpoint_id;
      await updateWebhookEndpoint(acting(ctx), await ownerOfEndpoint(ctx, id), id, {
        version: body.version,
        url: body.url,
        name: body.name,
        eventTypes: body.event_types && eventTypes(body.event_types),
        enabled: body.enabled,
      });
      return serializeEndpoint(await getScopedEndpoint(ctx, id));
    },
    async deleteWebhookEndpoint({ ctx, params }) {
      const id = params.endpoint_id;
      await deleteWebhookEndpoint(acting(ctx), await ownerOfEndpoint(ctx, id), id);
      return { object: 'done', id };
    },
    async rotateWebhookSecret({ ctx, params, query }) {
      const id = params.endpoint_id;
      const owner = await ownerOfEndpoint(ctx, id);
      const { secret } = await rotateWebhookSecret(acting(ctx), owner, id, { keepOld: !query.emergency });
      return { ...serializeEndpoint(await getScopedEndpoint(ctx, id)), secret };
    },
    async rotateTeamWebhookSecret({ ctx, params, query }) {
      const { secret, rotatingUntil } = await rotateTeamWebhookSecret(
        { ...acting(ctx), scope: ctx.scope },
        params.team_id,
        { keepOld: !query.emergency },
      );
      return {
        object: 'webhook_secret',
        team_id: params.team_id,
        secret,
        rotating_until: timeOrNull(rotatingUntil),
      };
    },
    async testWebhookEndpoint({ ctx, params, query }) {
      const id = params.endpoint_id;
      const owner = await ownerOfEndpoint(ctx, id);
      const type = query.event_type ?? 'video.completed';
      const answer = await testWebhookEndpoint(acting(ctx), owner, id, type);
      return {
        object: 'webhook_endpoint.test',
        endpoint_id: id,
        event_type: type,
        status: answer.status,
        duration_ms: Math.round(answer.durationMs),
        response_head: answer.responseHead,
      };
    },
    async replayWebhookEndpoint({ ctx, params, body }) {
      const id = params.endpoint_id;
      const owner = await ownerOfEndpoint(ctx, id);
      const since = new Date(body.since);
      const count = body.dry_run
        ? await countFailed(ctx, id, since, body.only_failed)
        : await replayFailed(acting(ctx), owner, id, since, body.only_failed);
      return { object: 'replayed', count, dry_run: body.dry_run };
    },
    async listDeliveries({ ctx, query }) {
      const filter = {
        teamId: query.team_id,
        endpointId: query.endpoint_id,
        videoId: query.video_id,
        eventType: query.event_type,
        states: query.state,
        from: query.from === undefined ? undefined : new Date(query.from),
        to: query.to === undefined ? undefined : new Date(query.to),
      };
      const { deliveries, hasMore } = await listDeliveriesInScope(ctx, filter, pageRequest(query));
      return page(deliveries.map(serializeScopedDelivery), hasMore);
    },
    async getDelivery({ ctx, params }) {
      const delivery = await getScopedDelivery(ctx, params.delivery_id);
      const owner = await ownerOfEndpoint(ctx, delivery.endpointId);
      const { payload, attemptList } = await getWebhookDelivery(ctx, owner, delivery.id);
      return {
        ...serializeScopedDelivery(delivery),
        request_body: payload.toString('utf8'),
        attempt_list: attemptList.map((attempt) => ({
          no: attempt.no,
          started_at: time(attempt.startedAt),
          duration_ms: attempt.durationMs,
          outcome: attempt.outcome,
          status: attempt.status,
          url: attempt.url,
          request_headers: attempt.requestHeaders,
          response_headers: attempt.responseHeaders,
          response_head: attempt.responseHead,
          resolved_ip: attempt.resolvedIp,
        })),
      };
    },
    async replayDelivery({ ctx, params }) {
      const { endpointId, id } = await getScopedDelivery(ctx, params.delivery_id);
      const repeat = await replayDelivery(acting(ctx), await ownerOfEndpoint(ctx, endpointId), id);
      return serializeScopedDelivery(await getScopedDelivery(ctx, repeat.id));
    },
  };
}

/** Null for the organization, which only who may see every team may speak for. */
async function teamOf(ctx: AdminContext, id: string): Promise<string | null> {
  if (id === ORGANIZATION.id && ctx.scope === 'all') return null;
  return (await getTeam(ctx, id)).id;
}

function eventTypes(given: readonly string[]): EventType[] {
  return given.map((type) => {
    const parsed = eventTypeSchema.safeParse(type);
    if (parsed.success) return parsed.data;
    throw badRequest('invalid_value', `Invalid 'event_types': there is no '${type}'.`, 'event_types');
  });
}

function serializeEndpoint(endpoint: EndpointView): AdminEndpoint {
  return {
    id: endpoint.id,
    object: 'webhook_endpoint',
    team:
      endpoint.teamId === null
        ? ORGANIZATION
        : { id: endpoint.teamId, name: endpoint.teamName ?? endpoint.teamId },
    name: endpoint.name,
    kind: endpoint.kind,
    url: endpoint.url,
    event_types: endpoint.eventTypes,
    state: endpoint.state,
    failing_since: timeOrNull(endpoint.failingSince),
    consecutive_failures: endpoint.consecutiveFailures,
    deliveries_last_24_hours: endpoint.deliveries,
    failures_last_24_hours: endpoint.failures,
    p95_ms: endpoint.p95Ms,
    last_delivered_at: timeOrNull(endpoint.deliveredAt),
    rotating_until: timeOrNull(endpoint.rotatingUntil),
    created_at: time(endpoint.createdAt),
    version: versionOfEndpoint(endpoint),
  };
}

function serializeScopedDelivery(delivery: ScopedDelivery): AdminDelivery {
  const { teamId, teamName } = delivery;
  return serializeDelivery(delivery, {
    team: teamId === null ? ORGANIZATION : { id: teamId, name: teamName ?? teamId },
    video_id: delivery.videoId,
  });
}
