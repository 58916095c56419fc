export { createWebhookTransport, type WebhookTransportOptions } from './webhook-transport.ts';
