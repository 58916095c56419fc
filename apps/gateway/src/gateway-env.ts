import type { HttpBindings } from '@hono/node-server';
import type { AdminPrincipal, Principal } from '@reelgate/core';

/** What is known of one request while it is served; becomes its log line. */
export interface RequestRecord {
  /** Ours, told to the caller as `x-request-id`. */
  readonly id: string;
  /** The caller's own `x-client-request-id` or `x-request-id`, where it has a harmless form. */
  readonly clientRequestId: string | undefined;
  /** Where the request comes from: as the proxies that are trusted say, or else who holds the connection. */
  readonly address: string;
  /** Of the monotonic clock, in ms. */
  readonly startedAtMs: number;
  videoId?: string;
  model?: string;
  variant?: string;
  errorCode?: string | null;
}

/** Hono's types for this app: Node's own request and response, and what the middleware found out. */
export interface GatewayEnv {
  Bindings: HttpBindings;
  /** Of the public API `principal`, of the Admin API `admin`. */
  Variables: { record: RequestRecord; principal: Principal; admin: AdminPrincipal };
}
