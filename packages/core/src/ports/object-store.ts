import type { Readable } from 'node:stream';

export interface StoredObject {
  readonly body: Readable;
  /** Bytes of `body`. */
  readonly contentLength: number;
  /** Bytes of the whole object. */
  readonly totalBytes: number;
}

/** The company's own store. Keys are ours and never contain a caller's text. */
export interface ObjectStore {
  readonly bucket: string;
  /** Where the store has a second bucket for while it is away itself: what its keys begin with. */
  readonly lifeboat?: { readonly prefix: string; readonly bucket: string };
  /**
   * Streams `body` to `key`; the object appears whole or not at all. If `body` fails, nothing is stored and its error is thrown.
   * Holds a few MiB at a time, whatever the size.
   */
  put(
    key: string,
    body: Readable,
    options: {
      readonly contentType: string;
      readonly metadata?: Record<string, string>;
      readonly signal?: AbortSignal;
    },
  ): Promise<{ readonly bytes: number }>;
  /** `range` is inclusive, in bytes, and must lie inside the object. Null where there is no such object. */
  get(
    key: string,
    options?: {
      readonly range?: { readonly start: number; readonly end: number };
      readonly signal?: AbortSignal;
    },
  ): Promise<StoredObject | null>;
  head(key: string): Promise<{
    readonly bytes: number;
    readonly contentType: string;
    readonly metadata: Record<string, string>;
  } | null>;
  /** No error where there is no such object. */
  delete(key: string): Promise<void>;
  /** Every object whose key begins so, in the order of their keys. What is written or deleted meanwhile may be in it or not. */
  list(prefix: string): AsyncIterable<{
    readonly key: string;
    readonly bytes: number;
    readonly modifiedAt: Date;
  }>;
  /** Removes what puts that never ended have left, where they began longer ago than this. Resolves to how many. */
  removeUnfinished(olderThanMs: number): Promise<number>;
  /** A URL that anyone may GET until it expires; answers with the given type and file name. */
  presign(
    key: string,
    options: { readonly expiresInSeconds: number; readonly contentType: string; readonly fileName: string },
  ): Promise<string>;
}

/**
 * Bytes that are safe on a worker's own volume while no object store takes them. Only processes on that volume can read them, so
 * a video in it is not completed yet.
 */
export interface Spool {
  /** Of the volume, whatever process or machine it is attached to. */
  readonly volumeId: string;
  readonly store: ObjectStore;
  /** What it may hold, in bytes. */
  readonly maxBytes: number;
}
