import type { BackendFactory, IQueueBackend } from 'bullmq';

/** Where the jobs are kept: what BullMQ's classes are given, and what they do not do themselves. */
export interface QueueBackend {
  /** Passed to BullMQ as `connection`; ours to close. */
  readonly connection: unknown;
  readonly factory: BackendFactory<IQueueBackend, unknown>;
  /** Resolves once the backend can be used. Rejects where it is away; a later call tries again. */
  ready(): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
  /** Drops the connections without a word, for when `close` does not come to an end. */
  destroy(): void;
}

/** A producer must fail at once where the backend is away; a consumer must wait until it is back. */
export type BackendRole =
  | { readonly kind: 'producer' }
  | { readonly kind: 'consumer'; readonly workers: number };
