export * from './errors.ts';
export * from './jobs.ts';
export * from './outcome.ts';
export * from './ports.ts';
