import { transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { hint } from '../hint.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import type { PollResult, UpstreamVideo, VideoUpstream } from '../ports/index.ts';
import { finishReservations } from '../quotas/index.ts';
import { emitUnlessDeleted } from './emit-video-event.ts';
import { actualAmounts, failVideo } from './end-video.ts';
import { LATE_LOOK_MS } from './late-end.ts';
import { nextLookMs } from './next-look.ts';
import { type Claim, claimAnyVideo, type Learned, moveVideo, snoozeVideo } from './queries/index.ts';
import { outcomeOfUnclaimed } from './unclaimed.ts';

/** Looks again at a video that its upstream denied, in ms: five denials over more than ten minutes are a verdict. */
const MISSING_WAITS_MS = [30_000, 60_000, 180_000, 360_000];
/** Longest wait after polls that told nothing, in ms. */
const MAX_BACKOFF_MS = 60_000;
/** Kept free between the archive's deadline and the upstream's, in ms. */
const DEADLINE_MARGIN_MS = 120_000;

/** Looks at one video that an upstream renders, and decides what follows. */
export async function pollVideo(ctx: ServiceContext, videoId: string): Promise<Outcome> {
  const claim = await claimAnyVideo(ctx.db, videoId, ['rendering'], {
    owner: ctx.owner,
    ms: ctx.timing.leaseMs * 3,
  });
  if (!claim) return await outcomeOfUnclaimed(ctx, videoId, ['rendering']);
  const upstream = ctx.ports.upstreams(claim.upstreamAccountId);
  if (!upstream || !claim.upstreamHandle) {
    ctx.log.error('upstream.unconfigured', { videoId, upstream: claim.upstreamAccountId });
    return await later(ctx, claim, MAX_BACKOFF_MS, {});
  }
  await ctx.failpoint?.('poll.claimed');
  const result = await upstream.poll(claim.upstreamHandle);
  await ctx.failpoint?.('poll.seen');
  return await decide(ctx, claim, upstream, result);
}

/** Decides by what one look has shown of a render that is held. */
export async function decide(
  ctx: ServiceContext,
  claim: Claim,
  upstream: VideoUpstream,
  result: PollResult,
): Promise<Outcome> {
  const { pollIntervalMs, chargesOnFailure } = upstream.capabilities;
  const ended =
    result.kind === 'seen' && (result.video.state === 'succeeded' || result.video.state === 'failed');
  if (!ended && claim.claimedAt.getTime() - sentAt(claim) > ctx.timing.renderMs)
    return await giveUp(ctx, claim);
  if (result.kind === 'unavailable') {
    ctx.log.warn('poll.unavailable', {
      videoId: claim.id,
      upstream: upstream.accountId,
      reason: result.reason,
    });
    const backoff = Math.min(pollIntervalMs * 2 ** Math.min(claim.failures, 10), MAX_BACKOFF_MS);
    return await later(ctx, claim, result.retryAfterMs ?? backoff, {});
  }
  if (result.kind === 'missing') {
    const nextLook = MISSING_WAITS_MS[claim.failures];
    ctx.log.warn('poll.missing', {
      videoId: claim.id,
      upstream: upstream.accountId,
      denialCount: claim.failures + 1,
    });
    if (nextLook !== undefined) return await later(ctx, claim, nextLook, { failures: claim.failures + 1 });
    // It was accepted, so it may have been charged: unless the upstream is known not to, the cost stays counted.
    await failVideo(ctx, claim, {
      code: 'upstream_lost',
      message: 'The upstream lost this video. Please create it again.',
      money: upstream.capabilities.chargesOnLoss ? 'settle' : 'release',
    });
    ctx.log.error('upstream.lost', {
      videoId: claim.id,
      upstream: upstream.accountId,
      costMicroUsd: String(claim.estimatedMicroUsd),
    });
    return done;
  }
  const { video } = result;
  if (video.state === 'succeeded') return await renderFinished(ctx, claim, upstream, video);
  if (video.state === 'failed') {
    await failVideo(ctx, claim, {
      code: video.error?.code ?? 'processing_error',
      message: video.error?.message ?? 'The upstream could not render this video.',
      details: video.error?.details,
      money: chargesOnFailure ? 'settle' : 'release',
    });
    return done;
  }
  const now = claim.claimedAt.getTime();
  // Nobody is told 100 before it is so.
  const progress = Math.min(Math.trunc(video.progress ?? 0), 99);
  const next = nextLookMs({
    intervalMs: pollIntervalMs,
    ageMs: now - sentAt(claim),
    progress,
    runningMs: claim.startedAt ? now - claim.startedAt.getTime() : undefined,
    askedMs: result.pollAfterMs,
  });
  return await later(ctx, claim, next, { failures: 0, progress, started: video.state === 'running' });
}

/** A render must end at some time. What turns up later is still taken: its reservation is kept for a while. */
async function giveUp(ctx: ServiceContext, claim: Claim): Promise<Outcome> {
  ctx.log.error('render.given_up', { videoId: claim.id, upstream: claim.upstreamAccountId });
  await failVideo(ctx, claim, {
    code: 'upstream_timeout',
    message: 'The upstream did not finish this video in time. Please create it again.',
    money: 'hold',
    holdMs: LATE_LOOK_MS,
  });
  return done;
}

/** Settles the cost and makes the archive due, in one transaction: from here on the bytes are ours to fetch. */
async function renderFinished(
  ctx: ServiceContext,
  claim: Claim,
  upstream: VideoUpstream,
  video: UpstreamVideo,
): Promise<Outcome> {
  const completedAt = video.completedAt ?? claim.claimedAt;
  const expiresAt = video.expiresAt ?? new Date(completedAt.getTime() + upstream.capabilities.contentLifeMs);
  const amounts = actualAmounts(claim);
  await transaction(ctx.db, async (tx, afterCommit) => {
    const row = await moveVideo(
      tx,
      claim,
      'archiving',
      { inMs: 0 },
      {
        completedAt,
        startedAt: claim.startedAt ?? claim.claimedAt,
        upstreamExpiresAt: video.expiresAt ?? null,
        archiveDeadlineAt: archiveDeadline(claim.claimedAt, completedAt, expiresAt),
        finalMicroUsd: BigInt(amounts.cost),
        progress: 99,
      },
    );
    if (!row) return;
    await ctx.failpoint?.('settle.moved');
    await finishReservations(tx, row.id, amounts);
    await ctx.failpoint?.('settle.booked');
    if (!claim.startedAt) await emitUnlessDeleted(tx, row, 'video.in_progress');
    await emitUnlessDeleted(tx, row, 'video.rendered');
    afterCommit(() => hint(ctx, { name: 'archive-video', payload: { videoId: row.id } }));
  });
  await ctx.failpoint?.('settle.committed');
  return done;
}

/**
 * By the clock of Postgres, while the other two are by the upstream's, which may be ahead: from the moment at which it was seen to be
 * finished it is kept for no longer than from its end.
 */
function archiveDeadline(seenAt: Date, completedAt: Date, expiresAt: Date): Date {
  const lifeMs = expiresAt.getTime() - completedAt.getTime();
  const goneAt = Math.min(expiresAt.getTime(), seenAt.getTime() + lifeMs);
  return new Date(Math.max(goneAt - DEADLINE_MARGIN_MS, Math.min(completedAt.getTime(), seenAt.getTime())));
}

function sentAt(claim: Pick<Claim, 'submittedAt' | 'createdAt'>): number {
  return (claim.submittedAt ?? claim.createdAt).getTime();
}

async function later(ctx: ServiceContext, claim: Claim, delayMs: number, learned: Learned): Promise<Outcome> {
  const next = await transaction(ctx.db, async (tx) => {
    const snoozed = await snoozeVideo(tx, claim, delayMs, learned);
    if (snoozed && learned.started && !claim.startedAt)
      await emitUnlessDeleted(tx, claim, 'video.in_progress');
    return snoozed;
  });
  return next ? snooze(next.nextActionAt) : done;
}
