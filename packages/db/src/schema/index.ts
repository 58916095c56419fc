export * from './audit.ts';
export * from './characters.ts';
export * from './keys.ts';
export * from './models.ts';
export * from './quotas.ts';
export * from './teams.ts';
export * from './videos.ts';
export * from './webhooks.ts';
