/** Services that render videos. One folder per kind of wire; another kind is one folder and one line in `create-upstream.ts`. */
export { createUpstream, type UpstreamConfig, type UpstreamKind } from './create-upstream.ts';
export { type ConfiguredUpstream, createUpstreamDirectory } from './directory.ts';
export type { UpstreamCall } from './guarded.ts';
export type { ClosableUpstream, UpstreamSettings, UpstreamTimeouts } from './settings.ts';
