export * from './admin.ts';
export * from './deliveries.ts';
export * from './endpoints.ts';
export * from './events.ts';
export * from './records.ts';
export * from './secrets.ts';
export * from './video-webhooks.ts';
