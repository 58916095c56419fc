/**
 * What core needs of the outside world, written by its consumer. Adapters implement these; nothing here does I/O.
 * Optional abilities are capabilities, not methods that throw. No port may be called inside a transaction.
 */
export * from './job-queue.ts';
export * from './log.ts';
export * from './object-store.ts';
export * from './request-counter.ts';
export * from './token-verifier.ts';
export * from './variant-maker.ts';
export * from './video-upstream.ts';
export * from './webhook-transport.ts';
