import { VARIANTS, type Variant } from '@reelgate/contract';
import { now, transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import { hint } from '../hint.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import { emitUnlessDeleted } from './emit-video-event.ts';
import { holdLease } from './lease.ts';
import {
  type Claim,
  claimAnyVideo,
  findAnySpooled,
  listAnyAssets,
  moveVideo,
  recordLostAsset,
  SPOOL_WAIT_MS,
  snoozeVideo,
} from './queries/index.ts';
import { type Archiving, copyFromUpstream, drainSpooled, storeStill, type Try } from './store-variant.ts';
import { outcomeOfUnclaimed } from './unclaimed.ts';

/** Longest wait between two tries, in ms; the first is a second. */
const MAX_BACKOFF_MS = 30_000;
/** Times that an upstream must deny its content, after the deadline too, before it is believed. */
const DENIALS = 3;
/** Tries at a still before the video is kept without it. */
const STILL_TRIES = 5;
/** Between two tries to move a video out of the spool, in ms. */
const DRAIN_MS = 10_000;

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
  const lease = holdLease(ctx, claim, ctx.givingUp);
  const archiving: Archiving = { ctx, claim, lease, upstream: ctx.ports.upstreams(claim.upstreamAccountId) };
  try {
    // What never comes back keeps neither the video nor its lane: the lease of one that is stuck is lost.
    return await Promise.race([archiveVariants(archiving), whenLost(lease.signal)]);
  } catch (error) {
    // Another worker need not wait for the lease to run out.
    if (ctx.givingUp?.aborted) await snoozeVideo(ctx.db, claim, 0);
    throw error;
  } finally {
    lease.stop();
  }
}

function whenLost(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const lose = () => reject(signal.reason);
    if (signal.aborted) lose();
    else signal.addEventListener('abort', lose, { once: true });
  });
}

async function archiveVariants(archiving: Archiving): Promise<Outcome> {
  const { ctx, claim } = archiving;
  await ctx.failpoint?.('archive.claimed');
  const known = new Map((await listAnyAssets(ctx.db, claim.id)).map((asset) => [asset.variant, asset.state]));
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
