export * from './client.ts';
export { onBehalfOf } from './fair-pool.ts';
export { liftStatementTimeout } from './give-up-on-silence.ts';
export * from './ids.ts';
export * from './migrate.ts';
export * from './prepared.ts';
export * as schema from './schema/index.ts';
export * from './signals.ts';
export * from './transaction.ts';
