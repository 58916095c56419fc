/** All SQL of the videos slice, by who asks. A finder that takes no owner says so by its name and is for the worker alone. */
export * from './accounts.ts';
export * from './administration.ts';
export * from './archives.ts';
export * from './assets.ts';
export * from './figures.ts';
export * from './leased.ts';
export * from './owned.ts';
export * from './rows.ts';
export * from './submissions.ts';
export * from './upkeep.ts';
export * from './upstreams.ts';
