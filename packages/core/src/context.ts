import type { Database } from '@reelgate/db';
import type { Failpoint } from './failpoints.ts';
import type { ModelCatalogue } from './models/index.ts';
import type {
  JobQueue,
  Log,
  ObjectStore,
  UpstreamDirectory,
  VariantMaker,
  WebhookTransport,
} from './ports.ts';
import type { SecretBox } from './webhooks/index.ts';

/** Who asks: one API key of one team. */
export interface Principal {
  readonly keyId: string;
  readonly teamId: string;
}

export interface Ports {
  readonly upstreams: UpstreamDirectory;
  readonly objects: ObjectStore;
  readonly jobs: JobQueue;
}

/** Durations of the domain, in ms. */
export interface Timing {
  /** How long a holder may be silent before its row is taken over. */
  readonly leaseMs: number;
  /** How long a create waits for the upstream before it answers `queued` and goes on without the caller. */
  readonly inlineSubmitMs: number;
  /** The longest a create request to an upstream can take; its lease lasts longer than that. */
  readonly submitLeaseMs: number;
}

export const DEFAULT_TIMING: Timing = { leaseMs: 15_000, inlineSubmitMs: 20_000, submitLeaseMs: 120_000 };

/** What every verb of core works with; built once per process by its composition root. */
export interface ServiceContext {
  readonly db: Database;
  readonly ports: Ports;
  readonly models: ModelCatalogue;
  readonly log: Log;
  readonly timing: Timing;
  /** Names this process as the holder of leases; unique per start. */
  readonly owner: string;
  /** Absent in production: lets tests break the process at a named place. */
  readonly failpoint?: Failpoint | undefined;
}

/** A request of a caller. */
export interface CallerContext extends ServiceContext {
  readonly principal: Principal;
}

/** A worker's context: also archives and delivers. */
export interface WorkerContext extends ServiceContext {
  readonly ports: Ports & { readonly variantMaker: VariantMaker; readonly webhooks: WebhookTransport };
  readonly secretBox: SecretBox;
}
