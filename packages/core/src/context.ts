import type { Scope } from '@reelgate/contract';
import type { Database, schema } from '@reelgate/db';
import type { Failpoint } from './failpoints.ts';
import type {
  JobQueue,
  Log,
  ObjectStore,
  Spool,
  UpstreamDirectory,
  VariantMaker,
  WebhookTransport,
} from './ports/index.ts';

/** Who asks: one API key of one team, and what it may. */
export interface Principal {
  readonly keyId: string;
  readonly teamId: string;
  /** Its videos are made by the upstream for tests and cost nothing. */
  readonly isTest: boolean;
  /** Null: everything. */
  readonly scopes: readonly Scope[] | null;
  /** The names of the models that it may use; null: every one. */
  readonly models: readonly string[] | null;
  /** Null: as many as it likes. */
  readonly requestsPerMinute: { readonly key: number | null; readonly team: number | null };
}

/** Of a caller whom nothing restricts. */
export const UNRESTRICTED = {
  isTest: false,
  scopes: null,
  models: null,
  requestsPerMinute: { key: null, team: null },
} as const satisfies Partial<Principal>;

export interface Ports {
  readonly upstreams: UpstreamDirectory;
  readonly objects: ObjectStore;
  readonly jobs: JobQueue;
  /** Judges URLs that callers name; only a worker posts to them. */
  readonly webhooks: Pick<WebhookTransport, 'refusal'>;
}

/** Durations of the domain, in ms. */
export interface Timing {
  /** How long a holder may be silent before its row is taken over. */
  readonly leaseMs: number;
  /** How long a create waits for the upstream before it answers `queued` and goes on without the caller. */
  readonly inlineSubmitMs: number;
  /** How long work on a video may make no progress before its lease is given up. Longer than a create to an upstream can take. */
  readonly stuckMs: number;
  /** Over how long a download must have come too slowly to give its place to one that waits. */
  readonly slowMs: number;
  /** How long an object store that has failed is left alone. */
  readonly storeAwayMs: number;
  /** The longest that a render may take before it is given up. */
  readonly renderMs: number;
  /** How long the deletion of a video can be undone: its bytes stay for that long. */
  readonly undoMs: number;
  /** How old an object must be that no row refers to, before it is deleted. */
  readonly garbageGraceMs: number;
  /** How long a create whose answer was lost is looked for, at least, before it counts as never made. */
  readonly searchMs: number;
  /** How much longer than that its reservation is kept and it is looked for, because what turns up is paid. */
  readonly horizonMs: number;
  /** How long events are kept, and what was sent of them. */
  readonly eventsKeptMs: number;
}

export const DEFAULT_TIMING: Timing = {
  leaseMs: 15_000,
  inlineSubmitMs: 20_000,
  stuckMs: 120_000,
  slowMs: 20_000,
  storeAwayMs: 15_000,
  renderMs: 24 * 60 * 60_000,
  undoMs: 0,
  garbageGraceMs: 7 * 24 * 60 * 60_000,
  searchMs: 10 * 60_000,
  horizonMs: 60 * 60_000,
  eventsKeptMs: 30 * 24 * 60 * 60_000,
};

export interface PricedModel {
  readonly model: typeof schema.models.$inferSelect;
  /** By size. A size without a price cannot be used. */
  readonly prices: ReadonlyMap<string, typeof schema.prices.$inferSelect>;
  /** Whether its upstream takes new work. */
  readonly open: boolean;
}

/** The models that are offered, with their prices in force. */
export interface ModelCatalogue {
  /** Throws `model_not_found`. */
  find(name: string): Promise<PricedModel>;
  list(): Promise<readonly PricedModel[]>;
  /** The upstream that makes the videos of test keys; null where there is none. */
  testUpstream(): Promise<string | null>;
}

/** Encrypts small secrets at rest. */
export interface SecretBox {
  seal(plain: string): Buffer;
  /** Throws where the bytes were changed or sealed under another key. */
  open(sealed: Buffer): string;
}

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

/** Who makes a change, for the audit log. */
export interface Actor {
  readonly kind: 'admin_key' | 'user' | 'api_key' | 'cli' | 'system';
  readonly id: string;
  readonly name: string;
  readonly requestId: string | null;
  readonly ip: string | null;
  /** Called for each row that the log gets of it. */
  readonly onRecorded?: () => void;
}

/** Reelgate itself. */
export const SYSTEM_ACTOR: Actor = {
  kind: 'system',
  id: 'reelgate',
  name: 'Reelgate',
  requestId: null,
  ip: null,
};

export type AdminRole = 'admin' | 'manager' | 'member';

/** Who administers: a key of the Admin API, or a person who has signed in. */
export interface AdminPrincipal {
  readonly kind: 'admin_key' | 'user';
  readonly id: string;
  readonly name: string;
  /** Of a person. */
  readonly email: string | null;
  readonly role: AdminRole;
  /** Whose things a manager or member sees; of an admin it says nothing. */
  readonly teamIds: readonly string[];
  /** Of a person: so recently that secrets may be handed out and limits raised. */
  readonly signedInRecently?: boolean;
}

/** Whose rows may be seen and changed: those of these teams, or all. Always of the principal, never of the input. */
export type TeamScope = 'all' | readonly string[];

/** A request of an administrator. */
export interface AdminContext extends ServiceContext {
  readonly principal: AdminPrincipal;
  readonly scope: TeamScope;
  readonly actor: Actor;
}

/** A request of a caller. */
export interface CallerContext extends ServiceContext {
  readonly principal: Principal;
}

/** A worker's context: also archives and delivers. */
export interface WorkerContext extends ServiceContext {
  readonly ports: Ports & {
    readonly variantMaker: VariantMaker;
    readonly webhooks: WebhookTransport;
    /** Absent where the deployment has no volume for it. */
    readonly spool?: Spool | undefined;
  };
  readonly secretBox: SecretBox;
  /** Aborted when the process can wait no longer: long work ends and gives its lease back. */
  readonly givingUp?: AbortSignal | undefined;
}
