export * from './ledger.ts';
export * from './limits.ts';
export * from './reservations.ts';
