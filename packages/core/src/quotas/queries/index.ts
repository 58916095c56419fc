export * from './brakes.ts';
export * from './grants.ts';
export * from './ledger.ts';
export * from './limit-views.ts';
export * from './limits.ts';
export * from './reservations.ts';
export * from './usage.ts';
