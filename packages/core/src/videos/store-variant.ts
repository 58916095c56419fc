/** One variant of a finished video, from wherever its bytes are to wherever they are safe. */
import { Readable } from 'node:stream';
import type { Variant } from '@reelgate/contract';
import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import type { Spool, VideoUpstream } from '../ports/index.ts';
import { copyContent, StoreFailedError } from './copy-content.ts';
import type { HeldLease } from './lease.ts';
import {
  type AssetRow,
  type Claim,
  endSpooled,
  findAnySpooled,
  listAnyAssets,
  recordSpooled,
  recordStoredAsset,
  type SpoolFileRow,
  sumSpooledBytes,
} from './queries/index.ts';
import { resumeContent } from './resume-content.ts';
import { isAway, notePutFailed, notePutWorked } from './store-health.ts';

const FILE_NAMES: Readonly<Record<Variant, string>> = { video: 'mp4', thumbnail: 'webp', spritesheet: 'jpg' };

/** With less time than this to its deadline a video is put wherever it is safe at once, in ms. */
const URGENT_MS = 15 * 60_000;
/** What one try at one variant came to. `spooled`: safe, but not where its owner could have it. */
export type Try = 'stored' | 'spooled' | 'lost' | 'retry';

export interface Archiving {
  readonly ctx: WorkerContext;
  readonly claim: Claim;
  readonly upstream: VideoUpstream | undefined;
  readonly lease: HeldLease;
}

/** Out of the spool into a store. Null where the spool does not have it after all. */
export async function drainSpooled(
  archiving: Archiving,
  file: SpoolFileRow,
  spool: Spool,
): Promise<Try | null> {
  const { ctx, claim, lease } = archiving;
  const found = await spool.store.get(file.path, { signal: lease.signal });
  if (!found) {
    ctx.log.error('spool.file_missing', { videoId: claim.id, volumeId: file.volumeId });
    await transaction(ctx.db, (tx) => endSpooled(tx, file));
    return null;
  }
  found.body.destroy();
  const result = await store(archiving, file.variant as Variant, 'upstream', async () => {
    const again = await spool.store.get(file.path, { signal: lease.signal });
    if (!again) throw new Error('the spool no longer has the video');
    return { source: again.body, announcedBytes: again.totalBytes };
  });
  if (result !== 'stored') return result;
  await transaction(ctx.db, (tx) => endSpooled(tx, file));
  await spool.store.delete(file.path);
  return 'stored';
}

export async function storeStill(archiving: Archiving, variant: Exclude<Variant, 'video'>): Promise<Try> {
  const { ctx, claim, upstream, lease } = archiving;
  if (upstream?.capabilities.variants.has(variant)) {
    try {
      const copied = await copyFromUpstream(archiving, variant);
      if (copied) return copied;
    } catch (error) {
      if (lease.signal.aborted || error instanceof StoreFailedError) throw error;
      ctx.log.warn('archive.still_unavailable', { videoId: claim.id, variant, error });
    }
  }
  const video = (await listAnyAssets(ctx.db, claim.id)).find((asset) => asset.variant === 'video');
  if (!video?.objectKey) throw new Error('there is no stored video to make a still from');
  const stored = await ctx.ports.objects.get(video.objectKey, { signal: lease.signal });
  if (!stored) throw new Error('the stored video is missing');
  const still = await ctx.ports.variantMaker.make(variant, stored.body, lease.signal);
  return await store(archiving, variant, 'derived', async () => ({
    source: Readable.from([still.body]),
    announcedBytes: still.body.length,
  }));
}

/** Null where the upstream does not have it. Throws where it could not be had this time. */
export async function copyFromUpstream(archiving: Archiving, variant: Variant): Promise<Try | null> {
  const { ctx, claim, upstream, lease } = archiving;
  const handle = claim.upstreamHandle;
  if (!upstream || !handle) throw new Error('the upstream is not configured');
  let opened = await upstream.open(handle, variant, { signal: lease.signal });
  if (opened.kind === 'missing') return null;
  let used = false;
  return await store(archiving, variant, 'upstream', async () => {
    // Another store gets the body from its beginning.
    if (used) opened = await upstream.open(handle, variant, { signal: lease.signal });
    if (opened.kind !== 'stream') {
      throw new Error(
        `the upstream is not available: ${opened.kind === 'missing' ? 'missing' : opened.reason}`,
      );
    }
    used = true;
    await ctx.failpoint?.('archive.opened');
    const source = resumeContent(
      opened,
      (rest) => upstream.open(handle, variant, { signal: lease.signal, rest }),
      (fromByte) => ctx.log.info('archive.resumed', { videoId: claim.id, variant, fromBytes: fromByte }),
    );
    return { source, announcedBytes: opened.contentLength };
  });
}

interface Opened {
  readonly source: Readable;
  readonly announcedBytes: number | undefined;
}

/**
 * Into the object store; where that fails again or time runs out into the lifeboat; and where there is none that works, the video
 * alone, into the spool.
 */
async function store(
  archiving: Archiving,
  variant: Variant,
  origin: AssetRow['origin'],
  open: () => Promise<Opened>,
): Promise<Try> {
  const { ctx, claim } = archiving;
  const { objects } = ctx.ports;
  // The epoch makes the key this try's own: no two holders ever write the same object.
  const key = `v/${claim.id.slice(6, 8)}/${claim.id}/${variant}/${claim.leaseEpoch}.${FILE_NAMES[variant]}`;
  const slackMs = (claim.archiveDeadlineAt?.getTime() ?? 0) - claim.claimedAt.getTime();
  let failure: unknown = new StoreFailedError('the object store is away');
  if (!isAway(objects, ctx.timing.storeAwayMs)) {
    try {
      await storeIn(archiving, variant, origin, { objectKey: key, bucket: objects.bucket }, open);
      notePutWorked(objects);
      return 'stored';
    } catch (error) {
      if (!(error instanceof StoreFailedError)) throw error;
      notePutFailed(objects, ctx.timing.storeAwayMs);
      failure = error;
      // One failure is a hiccup; to wait a second is cheaper than to move it twice.
      if (claim.failures === 0 && slackMs > URGENT_MS) throw error;
    }
  }
  if (objects.lifeboat) {
    const { prefix, bucket } = objects.lifeboat;
    try {
      await storeIn(archiving, variant, origin, { objectKey: `${prefix}${key}`, bucket }, open);
      ctx.log.warn('archive.in_lifeboat', { videoId: claim.id, variant, bucket });
      return 'stored';
    } catch (error) {
      if (!(error instanceof StoreFailedError)) throw error;
      failure = error;
    }
  }
  if (variant === 'video' && ctx.ports.spool && (await spoolVideo(archiving, ctx.ports.spool, key, open)))
    return 'spooled';
  throw failure;
}

async function storeIn(
  archiving: Archiving,
  variant: Variant,
  origin: AssetRow['origin'],
  place: { readonly objectKey: string; readonly bucket: string },
  open: () => Promise<Opened>,
): Promise<void> {
  const { ctx, claim } = archiving;
  const { objects } = ctx.ports;
  const content = await copyContent(ctx, archiving, await open(), {
    store: objects,
    key: place.objectKey,
    variant,
  });
  await ctx.failpoint?.('archive.put');
  const recorded = await transaction(ctx.db, (tx) =>
    recordStoredAsset(tx, claim, { variant, origin, ...place, ...content }),
  );
  if (!recorded) {
    await objects.delete(place.objectKey);
    throw new Error('the lease was lost while the bytes were stored');
  }
  await ctx.failpoint?.('archive.recorded');
}

/** False where the spool has no room, or has the video already. */
async function spoolVideo(
  archiving: Archiving,
  spool: Spool,
  path: string,
  open: () => Promise<Opened>,
): Promise<boolean> {
  const { ctx, claim } = archiving;
  if (await findAnySpooled(ctx.db, claim.id, 'video')) return true;
  const opened = await open();
  const room = spool.maxBytes - (await sumSpooledBytes(ctx.db, spool.volumeId));
  if (room < (opened.announcedBytes ?? 1)) {
    opened.source.destroy();
    ctx.log.error('spool.full', { videoId: claim.id, volumeId: spool.volumeId });
    return false;
  }
  const content = await copyContent(ctx, archiving, opened, {
    store: spool.store,
    key: path,
    variant: 'video',
    maxBytes: room,
  });
  const recorded = await transaction(ctx.db, (tx) =>
    recordSpooled(tx, claim, {
      volumeId: spool.volumeId,
      path,
      variant: 'video',
      bytes: content.bytes,
      sha256: content.sha256,
    }),
  );
  if (!recorded) await spool.store.delete(path);
  else ctx.log.warn('archive.in_spool', { videoId: claim.id, volumeId: spool.volumeId });
  return recorded;
}
