import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { VARIANTS, type Variant } from '@reelgate/contract';
import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import { hint } from '../hint.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import type { VideoUpstream } from '../ports.ts';
import { emitUnlessDeleted } from './emit-video-event.ts';
import { type HeldLease, holdLease } from './lease.ts';
import {
  type AssetRow,
  type Claim,
  claimAnyVideo,
  listAnyAssets,
  moveVideo,
  now,
  recordLostAsset,
  recordStoredAsset,
  snoozeVideo,
} from './queries/index.ts';
import { outcomeOfUnclaimed } from './unclaimed.ts';
import { VerifyContent } from './verify-content.ts';

/** Longest wait between two tries, in ms; the first is a second. */
const MAX_BACKOFF_MS = 30_000;
/** Times that an upstream must deny its content, after the deadline too, before it is believed. */
const DENIALS = 3;
/** Tries at a still before the video is kept without it. */
const STILL_TRIES = 5;
/** Larger content than this is not a video that anybody ordered, in bytes. */
const MAX_BYTES: Readonly<Record<Variant, number>> = {
  video: 8 * 1024 ** 3,
  thumbnail: 32 * 1024 ** 2,
  spritesheet: 64 * 1024 ** 2,
};
const FILE_NAMES: Readonly<Record<Variant, string>> = { video: 'mp4', thumbnail: 'webp', spritesheet: 'jpg' };

/** What one try at one variant came to. */
type Try = 'stored' | 'lost' | 'retry';

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
  if (!claim) return await outcomeOfUnclaimed(ctx, videoId, ['archiving']);
  await ctx.failpoint?.('archive.claimed');
  const lease = holdLease(ctx, claim);
  const archiving: Archiving = { ctx, claim, lease, upstream: ctx.ports.upstreams(claim.upstreamAccountId) };
  try {
    const known = new Map(
      (await listAnyAssets(ctx.db, videoId)).map((asset) => [asset.variant, asset.state]),
    );
    let complete = true;
    for (const variant of VARIANTS) {
      const state = known.get(variant);
      const result = state === 'stored' || state === 'lost' ? state : await tryVariant(archiving, variant);
      if (result === 'retry') return await again(archiving);
      if (result === 'lost' && variant === 'video') return await contentLost(archiving);
      if (result === 'lost') complete = false;
    }
    return await finish(archiving, complete ? 'stored' : 'partly_stored');
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
  const { claim } = archiving;
  if (await copyFromUpstream(archiving, 'video')) return 'stored';
  // The upstream does not have it: perhaps not yet. Past its deadline it is gone.
  const deadline = claim.archiveDeadlineAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (claim.claimedAt.getTime() <= deadline || claim.failures + 1 < DENIALS) return 'retry';
  return await lose(archiving, 'video');
}

async function storeStill(archiving: Archiving, variant: Exclude<Variant, 'video'>): Promise<Try> {
  const { ctx, claim, upstream, lease } = archiving;
  if (upstream?.capabilities.variants.has(variant)) {
    try {
      if (await copyFromUpstream(archiving, variant)) return 'stored';
    } catch (error) {
      if (lease.signal.aborted) throw error;
      ctx.log.warn('archive.still_unavailable', { videoId: claim.id, variant, error });
    }
  }
  const video = (await listAnyAssets(ctx.db, claim.id)).find((asset) => asset.variant === 'video');
  if (!video?.objectKey) throw new Error('there is no stored video to make a still from');
  const stored = await ctx.ports.objects.get(video.objectKey, { signal: lease.signal });
  if (!stored) throw new Error('the stored video is missing');
  const still = await ctx.ports.variantMaker.make(variant, stored.body, lease.signal);
  await store(archiving, variant, 'derived', Readable.from([still.body]), still.body.length);
  return 'stored';
}

/** False where the upstream does not have it. Throws where it could not be had this time. */
async function copyFromUpstream(archiving: Archiving, variant: Variant): Promise<boolean> {
  const { claim, upstream, lease } = archiving;
  if (!upstream || !claim.upstreamHandle) throw new Error('the upstream is not configured');
  const opened = await upstream.open(claim.upstreamHandle, variant, lease.signal);
  if (opened.kind === 'missing') return false;
  if (opened.kind === 'unavailable') throw new Error(`the upstream is not available: ${opened.reason}`);
  await archiving.ctx.failpoint?.('archive.opened');
  await store(archiving, variant, 'upstream', opened.body, opened.contentLength);
  return true;
}

async function store(
  { ctx, claim, lease }: Archiving,
  variant: Variant,
  origin: AssetRow['origin'],
  source: Readable,
  announcedBytes: number | undefined,
): Promise<void> {
  const { objects } = ctx.ports;
  // The epoch makes the key this try's own: no two holders ever write the same object.
  const objectKey = `v/${claim.id.slice(6, 8)}/${claim.id}/${variant}/${claim.leaseEpoch}.${FILE_NAMES[variant]}`;
  const verify = new VerifyContent(variant, {
    announcedBytes,
    maxBytes: MAX_BYTES[variant],
    onBytes: lease.progressed,
  });
  const [fed, put] = await Promise.allSettled([
    pipeline(source, verify, { signal: lease.signal }),
    objects.put(objectKey, verify, {
      contentType: { video: 'video/mp4', thumbnail: 'image/webp', spritesheet: 'image/jpeg' }[variant],
      metadata: { 'video-id': claim.id, 'team-id': claim.teamId, variant },
      signal: lease.signal,
    }),
  ]);
  // The source's error says more than the store's, which only saw its input end.
  if (fed.status === 'rejected') throw fed.reason;
  if (put.status === 'rejected') throw put.reason;
  await ctx.failpoint?.('archive.put');
  const content = verify.result;
  const recorded =
    put.value.bytes === content.bytes &&
    (await transaction(ctx.db, (tx) =>
      recordStoredAsset(tx, claim, { variant, origin, bucket: objects.bucket, objectKey, ...content }),
    ));
  if (!recorded) {
    await objects.delete(objectKey);
    throw new Error('the lease was lost while the bytes were stored');
  }
  await ctx.failpoint?.('archive.recorded');
}

async function finish({ ctx, claim }: Archiving, to: 'stored' | 'partly_stored'): Promise<Outcome> {
  await transaction(ctx.db, async (tx, afterCommit) => {
    const row = await moveVideo(tx, claim, to, 'never', {
      storedAt: now,
      progress: 100,
      archiveDeadlineAt: null,
    });
    if (!row) return;
    await ctx.failpoint?.('archive.moved');
    await emitUnlessDeleted(ctx, tx, afterCommit, row, 'video.completed');
    if (row.deleteRequestedAt)
      afterCommit(() => hint(ctx, { name: 'purge-video', payload: { videoId: row.id } }));
  });
  await ctx.failpoint?.('archive.committed');
  return done;
}

async function contentLost({ ctx, claim }: Archiving): Promise<Outcome> {
  ctx.log.error('archive.content_lost', {
    videoId: claim.id,
    upstream: claim.upstreamAccountId,
    costMicroUsd: String(claim.finalMicroUsd),
  });
  await transaction(ctx.db, async (tx, afterCommit) => {
    const row = await moveVideo(tx, claim, 'content_lost', 'never', {
      errorCode: 'content_lost',
      errorMessage: 'The video was rendered, but its upstream no longer had it when it was to be stored.',
      archiveDeadlineAt: null,
    });
    if (row) await emitUnlessDeleted(ctx, tx, afterCommit, row, 'video.failed');
  });
  return done;
}

async function again({ ctx, claim }: Archiving): Promise<Outcome> {
  const delayMs = Math.min(1_000 * 2 ** Math.min(claim.failures, 10), MAX_BACKOFF_MS);
  const next = await transaction(ctx.db, async (tx, afterCommit) => {
    const snoozed = await snoozeVideo(tx, claim, delayMs, { failures: claim.failures + 1 });
    if (snoozed && isAtRisk(claim)) await emitUnlessDeleted(ctx, tx, afterCommit, claim, 'video.at_risk');
    return snoozed;
  });
  return next ? snooze(next.nextActionAt) : done;
}

/** Half of the time in which the upstream keeps it is gone, and it is not stored yet. */
function isAtRisk({ completedAt, archiveDeadlineAt, claimedAt }: Claim): boolean {
  if (!completedAt || !archiveDeadlineAt) return false;
  return claimedAt.getTime() - completedAt.getTime() > archiveDeadlineAt.getTime() - claimedAt.getTime();
}
