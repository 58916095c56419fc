import type {
  WebhookDelivery,
  WebhookDeliveryDetail,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
} from '@reelgate/contract';
import type { DeliveryDetail, DeliveryView, EndpointRow, EndpointWithSecret } from '@reelgate/core';

const seconds = (at: Date) => Math.floor(at.getTime() / 1_000);
const secondsOrNull = (at: Date | null) => (at === null ? null : seconds(at));

export function serializeEndpoint(endpoint: EndpointRow): WebhookEndpoint {
  return {
    id: endpoint.id,
    object: 'webhook_endpoint',
    name: endpoint.name ?? '',
    url: endpoint.url,
    event_types: endpoint.eventTypes,
    signing_secret_hint: endpoint.secretHint,
    created_at: seconds(endpoint.createdAt),
    updated_at: seconds(endpoint.updatedAt),
    kind: endpoint.kind,
    enabled: endpoint.state === 'enabled',
    failing_since: secondsOrNull(endpoint.failingSince),
    last_delivered_at: secondsOrNull(endpoint.deliveredAt),
  };
}

export function serializeEndpointWithSecret(endpoint: EndpointWithSecret): WebhookEndpointWithSecret {
  return { ...serializeEndpoint(endpoint), signing_secret: endpoint.secret };
}

export function serializeDelivery(delivery: DeliveryView): WebhookDelivery {
  return {
    id: delivery.id,
    object: 'webhook_delivery',
    webhook_endpoint_id: delivery.endpointId,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    state: delivery.state,
    attempts: delivery.attempts,
    next_attempt_at: secondsOrNull(delivery.nextAttemptAt),
    last_outcome: delivery.lastOutcome,
    last_status_code: delivery.lastStatus,
    replay_of: delivery.replayOf,
    created_at: seconds(delivery.createdAt),
  };
}

export function serializeDeliveryDetail(delivery: DeliveryDetail): WebhookDeliveryDetail {
  return {
    ...serializeDelivery(delivery),
    request_body: delivery.payload.toString('utf8'),
    attempt_list: delivery.attemptList.map((attempt) => ({
      no: attempt.no,
      started_at: seconds(attempt.startedAt),
      duration_ms: attempt.durationMs,
      outcome: attempt.outcome,
      url: attempt.url,
      request_headers: attempt.requestHeaders,
      status_code: attempt.status,
      response_headers: attempt.responseHeaders,
      response_head: attempt.responseHead,
      resolved_ip: attempt.resolvedIp,
    })),
  };
}

/** The page after the last has no data and null ids. */
export function serializeList<Row, T extends { readonly id: string }>(
  { data, hasMore }: { readonly data: readonly Row[]; readonly hasMore: boolean },
  serialize: (row: Row) => T,
) {
  const items = data.map(serialize);
  return {
    object: 'list' as const,
    data: items,
    first_id: items[0]?.id ?? null,
    last_id: items.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}
