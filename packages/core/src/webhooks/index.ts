export { createWebhookEndpoint } from './create-endpoint.ts';
export { deliverWebhook } from './deliver-webhook.ts';
export { emitEvent } from './emit-event.ts';
export { listAnyOverdueDeliveries } from './queries.ts';
export { createSecretBox, type SecretBox } from './secret-box.ts';
