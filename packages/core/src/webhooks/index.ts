export {
  countFailed,
  getScopedDelivery,
  getScopedEndpoint,
  listDeliveriesInScope,
  listScopedEndpoints,
  ownerOfEndpoint,
} from './admin-endpoints.ts';
export { attemptDelivery } from './attempt-delivery.ts';
export { claimDeliveries, DEFAULT_PACE, type DeliveryPace } from './claim-deliveries.ts';
export { createWebhookEndpoint, type EndpointWithSecret } from './create-endpoint.ts';
export { deleteWebhookEndpoint } from './delete-endpoint.ts';
export { emitEvent } from './emit-event.ts';
export { type EventReader, followEvents } from './follow-events.ts';
export { forgetOldEvents } from './forget-old-events.ts';
export { type DeliveryDetail, getWebhookDelivery } from './get-delivery.ts';
export { getWebhookEndpoint } from './get-endpoint.ts';
export { getEvent } from './get-event.ts';
export { listWebhookDeliveries } from './list-deliveries.ts';
export { listWebhookEndpoints } from './list-endpoints.ts';
export { listTeamEvents } from './list-events.ts';
export type {
  DeliveryClaim,
  DeliveryView,
  EndpointRow,
  EndpointView,
  EventRow,
  ScopedDelivery,
} from './queries/index.ts';
export { replayDelivery } from './replay-delivery.ts';
export { replayFailed } from './replay-failed.ts';
export { rotateWebhookSecret } from './rotate-secret.ts';
export { rotateTeamWebhookSecret } from './rotate-team-secret.ts';
export { createSecretBox } from './secret-box.ts';
export { testWebhookEndpoint } from './test-endpoint.ts';
export { updateWebhookEndpoint, versionOfEndpoint } from './update-endpoint.ts';
export { prepareVideoWebhook, type VideoWebhook } from './video-webhook.ts';
export type { WebhookContext } from './webhook-context.ts';
