export { createEgress, type Egress, type EgressOptions, type Pooled } from './egress.ts';
export { ConnectionRefused, type Lookup } from './guarded-connector.ts';
export type { OwnServer } from './own-servers.ts';
export type { Target } from './target.ts';
