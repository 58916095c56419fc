import type { Operation, Variant } from '@reelgate/contract';
import type { VideoUpstream } from '@reelgate/core/ports';
import type { EgressOptions } from '../egress/index.ts';

/** How long to wait, in ms. */
export interface UpstreamTimeouts {
  /** Until a connection stands, TLS included. */
  readonly connectMs: number;
  /** From the last byte of a create to the first of its answer. */
  readonly createHeadersMs: number;
  /** A whole create, connection and answer included. */
  readonly createTotalMs: number;
  /** To the first byte of any other answer. */
  readonly headersMs: number;
  /** Between two pieces of a body; does not run while our own reader is slow. */
  readonly bodyIdleMs: number;
  /** A whole look or list, so that an answer that drips cannot hold a worker. */
  readonly readTotalMs: number;
}

export const DEFAULT_TIMEOUTS: UpstreamTimeouts = {
  connectMs: 5_000,
  createHeadersMs: 60_000,
  createTotalMs: 90_000,
  headersMs: 30_000,
  bodyIdleMs: 30_000,
  readTotalMs: 60_000,
};

/** Where an upstream may send us for its output, its own host apart. */
export type OutputEgress = Pick<EgressOptions, 'allowedCidrs' | 'ownServers' | 'proxy'>;

/** One account of one service: `capabilities` of the port as plain values, and how to reach it. */
export interface UpstreamSettings {
  readonly accountId: string;
  /**
   * With its version prefix, as SDKs take it: `https://render.example.com/v1`. Only http(s), without credentials, query or
   * fragment. A server that keeps its jobs in memory is one account per replica: a job can only be seen where it was made.
   */
  readonly baseUrl: string;
  /** Sent as a bearer token, and only ever to the origin of `baseUrl`. */
  readonly apiKey?: string | undefined;
  readonly operations: Iterable<Operation>;
  readonly characters: boolean;
  /** Whether edits and extensions take a file instead of an id. */
  readonly videoUploads: boolean;
  readonly variants: Iterable<Variant>;
  readonly lists: boolean;
  readonly contentLifeMs: number;
  readonly pollIntervalMs: number;
  readonly chargesOnFailure: boolean;
  readonly chargesOnLoss?: boolean | undefined;
  readonly erasesStored?: boolean | undefined;
  readonly timeouts?: Partial<UpstreamTimeouts> | undefined;
  /** Absent: public addresses alone, and directly. */
  readonly outputs?: OutputEgress | undefined;
}

export type ClosableUpstream = VideoUpstream & {
  /** Waits for creates in flight, whose answers nobody can ask for again; cuts everything else. */
  close(): Promise<void>;
};
