import { Readable } from 'node:stream';
import { VARIANTS, type Variant } from '@reelgate/contract';
import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import { hint } from '../hint.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import type { Spool, VideoUpstream } from '../ports.ts';
import { copyContent, StoreFailedError } from './copy-content.ts';
import { emitUnlessDeleted } from './emit-video-event.ts';
import { type HeldLease, holdLease } from './lease.ts';
import {
  type AssetRow,
  type Claim,
  claimAnyVideo,
  endSpooled,
  findAnySpooled,
  listAnyAssets,
  moveVideo,
  now,
  recordLostAsset,
  recordSpooled,
  recordStoredAsset,
  SPOOL_WAIT_MS,
  type SpoolFileRow,
  snoozeVideo,
  sumSpooledBytes,
} from './queries/index.ts';
import { resumeContent } from './resume-content.ts';
import { isAway, notePutFailed, notePutWorked } from './store-health.ts';
import { outcomeOfUnclaimed } from './unclaimed.ts';

/** Longest wait between two tries, in ms; the first is a second. */
const MAX_BACKOFF_MS = 30_000;
/** Times that an upstream must deny its content, after the deadline too, before it is believed. */
const DENIALS = 3;
/** Tries at a still before the video is kept without it. */
const STILL_TRIES = 5;
const FILE_NAMES: Readonly<Record<Variant, string>> = { video: 'mp4', thumbnail: 'webp', spritesheet: 'jpg' };

/** With less time than this to its deadline a video is put wherever it is safe at once, in ms. */
const URGENT_MS = 15 * 60_000;
/** Between two tries to move a video out of the spool, in ms. */
const DRAIN_MS = 10_000;

/** What one try at one variant came to. `spooled`: safe, but not where its owner could have it. */
type Try = 'stored' | 'spooled' | 'lost' | 'retry';

interface Archiving {
  readonly ctx: WorkerContext;
  readonly claim: Claim;
  readonly upstream: VideoUpstream | undefined;
  readonly lease: HeldLease;
}

/**
 * Copies a finished video's assets into the object store: bytes first, verified on the way, the row last. A variant that the
 * upstream does not offer is made from the stored video. Only when all is stored is the video completed for its owner.
 */
export async function archiveVideo(ctx: WorkerContext, videoId: string): Promise<Outcome> {
  const claim = await claimAnyVideo(ctx.db, videoId, ['archiving'], {
    owner: ctx.owner,
    ms: ctx.timing.leaseMs,
  });
  return claim ? await archiveClaimed(ctx, claim) : await outcomeOfUnclaimed(ctx, videoId, ['archiving']);
}

export async function archiveClaimed(ctx: WorkerContext, claim: Claim): Promise<Outcome> {
  await ctx.failpoint?.('archive.claimed');
  const lease = holdLease(ctx, claim, ctx.givingUp);
  const archiving: Archiving = { ctx, claim, lease, upstream: ctx.ports.upstreams(claim.upstreamAccountId) };
  try {
    const known = new Map(
      (await listAnyAssets(ctx.db, claim.id)).map((asset) => [asset.variant, asset.state]),
    );
    let complete = true;
    for (const variant of VARIANTS) {
      const state = known.get(variant);
      const result = state === 'stored' || state === 'lost' ? state : await tryVariant(archiving, variant);
      if (result === 'retry') return await again(archiving);
      if (result === 'spooled') return await waitInSpool(archiving);
      if (result === 'lost' && variant === 'video') return await contentLost(archiving);
      if (result === 'lost') complete = false;
    }
    return await finish(archiving, complete ? 'stored' : 'partly_stored');
  } catch (error) {
    // Another worker need not wait for the lease to run out.
    if (ctx.givingUp?.aborted) await snoozeVideo(ctx.db, claim, 0);
    throw error;
  } finally {
    lease.stop();
  }
}

async function tryVariant(archiving: Archiving, variant: Variant): Promise<Try> {
  const { ctx, claim, lease } = archiving;
  lease.progressed();
  const startedAt = performance.now();
  try {
    const result = variant === 'video' ? await storeVideo(archiving) : await storeStill(archiving, variant);
    ctx.log.info('archive.variant', {
      videoId: claim.id,
      variant,
      outcome: result,
      durationMs: Math.round(performance.now() - startedAt),
    });
    return result;
  } catch (error) {
    if (lease.signal.aborted) throw lease.signal.reason;
    ctx.log.warn('archive.try_failed', {
      videoId: claim.id,
      variant,
      failureCount: claim.failures + 1,
      error,
    });
    if (variant === 'video' || claim.failures + 1 < STILL_TRIES) return 'retry';
    return await lose(archiving, variant);
  }
}

async function lose({ ctx, claim }: Archiving, variant: Variant): Promise<Try> {
  await transaction(ctx.db, (tx) => recordLostAsset(tx, claim, variant));
  return 'lost';
}

async function storeVideo(archiving: Archiving): Promise<Try> {
  const { ctx, claim } = archiving;
  const spooled = await findAnySpooled(ctx.db, claim.id, 'video');
  if (spooled && spooled.volumeId === ctx.ports.spool?.volumeId) {
    const drained = await drainSpooled(archiving, spooled, ctx.ports.spool);
    if (drained) return drained;
  }
  const copied = await copyFromUpstream(archiving, 'video');
  if (copied) return copied;
  // The upstream does not have it: perhaps not yet. Past its deadline it is gone, unless a volume has it that is away now.
  const deadline = claim.archiveDeadlineAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const lost = claim.claimedAt.getTime() > deadline && claim.failures + 1 >= DENIALS;
  if (!lost || (spooled && claim.claimedAt.getTime() - spooled.createdAt.getTime() < SPOOL_WAIT_MS))
    return 'retry';
  return await lose(archiving, 'video');
}

/** Out of the spool into a store. Null where the spool does not have it after all. */
async function drainSpooled(archiving: Archiving, file: SpoolFileRow, spool: Spool): Promise<Try | null> {
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

async function storeStill(archiving: Archiving, variant: Exclude<Variant, 'video'>): Promise<Try> {
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
async function copyFromUpstream(archiving: Archiving, variant: Variant): Promise<Try | null> {
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

async function finish({ ctx, claim, upstream }: Archiving, to: 'stored' | 'partly_stored'): Promise<Outcome> {
  await transaction(ctx.db, async (tx, afterCommit) => {
    const row = await moveVideo(tx, claim, to, 'never', {
      storedAt: now,
      progress: 100,
      archiveDeadlineAt: null,
      ...(upstream?.capabilities.erasesStored ? { upstreamCopy: 'due' as const } : {}),
    });
    if (!row) return;
    await ctx.failpoint?.('archive.moved');
    await emitUnlessDeleted(tx, row, 'video.completed');
    if (row.deleteRequestedAt)
      afterCommit(() => hint(ctx, { name: 'purge-video', payload: { videoId: row.id } }));
  });
  await ctx.failpoint?.('archive.committed');
  ctx.log.info('video.stored', {
    videoId: claim.id,
    upstream: claim.upstreamAccountId,
    outcome: to,
    lateMs: claim.completedAt ? Date.now() - claim.completedAt.getTime() : undefined,
  });
  return done;
}

async function contentLost({ ctx, claim }: Archiving): Promise<Outcome> {
  ctx.log.error('archive.content_lost', {
    videoId: claim.id,
    upstream: claim.upstreamAccountId,
    costMicroUsd: String(claim.finalMicroUsd),
  });
  await transaction(ctx.db, async (tx) => {
    const row = await moveVideo(tx, claim, 'content_lost', 'never', {
      errorCode: 'content_lost',
      errorMessage: 'The video was rendered, but its upstream no longer had it when it was to be stored.',
      archiveDeadlineAt: null,
    });
    if (row) await emitUnlessDeleted(tx, row, 'video.failed');
  });
  return done;
}

/** Safe; the store is tried again now and then. */
async function waitInSpool({ ctx, claim }: Archiving): Promise<Outcome> {
  const next = await snoozeVideo(ctx.db, claim, DRAIN_MS, { failures: claim.failures + 1 });
  return next ? snooze(next.nextActionAt) : done;
}

async function again({ ctx, claim }: Archiving): Promise<Outcome> {
  const delayMs = Math.min(1_000 * 2 ** Math.min(claim.failures, 10), MAX_BACKOFF_MS);
  const next = await transaction(ctx.db, async (tx) => {
    const snoozed = await snoozeVideo(tx, claim, delayMs, { failures: claim.failures + 1 });
    if (snoozed && isAtRisk(claim)) await emitUnlessDeleted(tx, claim, 'video.at_risk');
    return snoozed;
  });
  return next ? snooze(next.nextActionAt) : done;
}

/** Half of the time in which the upstream keeps it is gone, and it is not stored yet. */
function isAtRisk({ completedAt, archiveDeadlineAt, claimedAt }: Claim): boolean {
  if (!completedAt || !archiveDeadlineAt) return false;
  return claimedAt.getTime() - completedAt.getTime() > archiveDeadlineAt.getTime() - claimedAt.getTime();
}
