import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Variant } from '@reelgate/contract';
import type { WorkerContext } from '../context.ts';
import type { ObjectStore } from '../ports/index.ts';
import type { HeldLease } from './lease.ts';
import { type Claim, isAnyArchiveWaiting } from './queries/index.ts';
import { ContentError, type VerifiedContent, VerifyContent } from './verify-content.ts';

/** Slower than this a body gives its place to one that waits, in bytes a second. */
const MIN_BYTES_PER_SECOND = 64 * 1024;
/** Larger content than this is not a video that anybody ordered, in bytes. */
const MAX_BYTES: Readonly<Record<Variant, number>> = {
  video: 8 * 1024 ** 3,
  thumbnail: 32 * 1024 ** 2,
  spritesheet: 64 * 1024 ** 2,
};
const CONTENT_TYPES: Readonly<Record<Variant, string>> = {
  video: 'video/mp4',
  thumbnail: 'image/webp',
  spritesheet: 'image/jpeg',
};

/** The object store, not the source, is what failed. */
export class StoreFailedError extends Error {
  override name = 'StoreFailedError';
}

/** Copies one variant's bytes to a key of a store and verifies them on the way: afterwards they are safe, or nothing is there. */
export async function copyContent(
  ctx: WorkerContext,
  held: { readonly claim: Claim; readonly lease: HeldLease },
  from: { readonly source: Readable; readonly announcedBytes: number | undefined },
  to: {
    readonly store: ObjectStore;
    readonly key: string;
    readonly variant: Variant;
    readonly maxBytes?: number;
  },
): Promise<VerifiedContent> {
  const { claim, lease } = held;
  let bytes = 0;
  const verify = new VerifyContent(to.variant, {
    announcedBytes: from.announcedBytes,
    maxBytes: Math.min(MAX_BYTES[to.variant], to.maxBytes ?? Number.POSITIVE_INFINITY),
    onBytes: (more) => {
      bytes += more;
      lease.progressed();
    },
  });
  const pace = watchPace(ctx, claim.id, to.variant, () => bytes);
  const signal = AbortSignal.any([lease.signal, pace.tooSlow]);
  let sourceError: unknown;
  async function* source() {
    try {
      yield* from.source;
    } catch (error) {
      sourceError = error;
      throw error;
    }
  }
  const [fed, put] = await Promise.allSettled([
    pipeline(source, verify, { signal }),
    to.store.put(to.key, verify, {
      contentType: CONTENT_TYPES[to.variant],
      metadata: { 'video-id': claim.id, 'team-id': claim.teamId, variant: to.variant },
      signal,
    }),
  ]).finally(pace.stop);
  if (signal.aborted) throw signal.reason;
  if (sourceError !== undefined) throw sourceError;
  // The bytes themselves are wrong; the store only saw its input end.
  if (fed.status === 'rejected' && fed.reason instanceof ContentError) throw fed.reason;
  if (put.status === 'rejected') throw new StoreFailedError('the object store failed', { cause: put.reason });
  if (fed.status === 'rejected') throw fed.reason;
  if (put.value.bytes !== verify.result.bytes) throw new StoreFailedError('the object store has other bytes');
  return verify.result;
}

/** Tells when a body has come too slowly while another video waits for its place. */
function watchPace(
  ctx: WorkerContext,
  videoId: string,
  variant: Variant,
  bytesSoFar: () => number,
): { readonly tooSlow: AbortSignal; readonly stop: () => void } {
  const slow = new AbortController();
  const { slowMs } = ctx.timing;
  let before = 0;
  const timer = setInterval(async () => {
    const moved = bytesSoFar() - before;
    before += moved;
    if (moved >= (MIN_BYTES_PER_SECOND * slowMs) / 1_000) return;
    // Where nobody waits for its place, slow is better than not at all.
    const waits = await isAnyArchiveWaiting(ctx.db).catch(() => false);
    ctx.log.warn('archive.slow', { videoId, variant, decision: waits ? 'dropped' : 'kept' });
    if (waits) slow.abort(new Error('the content came too slowly'));
  }, slowMs);
  return { tooSlow: slow.signal, stop: () => clearInterval(timer) };
}
