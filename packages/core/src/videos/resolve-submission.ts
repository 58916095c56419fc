import { transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { hint } from '../hint.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import type { UpstreamVideo } from '../ports/index.ts';
import { finishReservations, parkReservations } from '../quotas/index.ts';
import { emitUnlessDeleted } from './emit-video-event.ts';
import { failVideo } from './end-video.ts';
import { lookForLateEnd } from './late-end.ts';
import { lookForSubmission } from './look-for-submission.ts';
import {
  acceptSubmission,
  type Claim,
  claimAnyVideo,
  endSubmission,
  explainOrphan,
  findAnyLatestSubmission,
  isUpstreamIdTaken,
  moveVideo,
  type SubmissionRow,
  snoozeVideo,
} from './queries/index.ts';
import type { VideoState } from './state.ts';
import { outcomeOfUnclaimed } from './unclaimed.ts';

const STATES: readonly VideoState[] = ['submitting', 'unknown', 'failed'];
const MINUTE = 60_000;
/** Waits after each look, in ms; none longer than that all the looks have their time before it counts as never made. */
const LOOKS_MS = [3_000, 10_000, 30_000, 75_000, 3 * MINUTE, 5 * MINUTE, 5 * MINUTE] as const;
/** Looks that must have found nothing before it counts as never made. */
const ABSENT_LOOKS = 4;
/** How often one that was given up is still looked for, in ms. */
const LOOK_AGAIN_MS = 5 * MINUTE;

const NOT_RENDERED = {
  code: 'upstream_timeout',
  message:
    'The upstream did not answer and shows no such video. It was not rendered; please create it again.',
};
const NOT_KNOWABLE = {
  code: 'upstream_outcome_unknown',
  message:
    'The upstream did not answer, and it cannot be found out whether it renders this video. An administrator has to decide.',
};

/**
 * Finds out what became of a create whose answer was lost, by looking for it upstream; never by sending it again.
 * Also goes on looking for one that was given up, until its reservation is released.
 */
export async function resolveSubmission(ctx: ServiceContext, videoId: string): Promise<Outcome> {
  const claim = await claimAnyVideo(ctx.db, videoId, STATES, {
    owner: ctx.owner,
    ms: ctx.timing.leaseMs * 3,
  });
  return claim ? await resolveClaimed(ctx, claim) : await outcomeOfUnclaimed(ctx, videoId, STATES);
}

export async function resolveClaimed(ctx: ServiceContext, claim: Claim): Promise<Outcome> {
  // It was accepted, and given up because it never came to an end.
  if (claim.upstreamId !== null) return await lookForLateEnd(ctx, claim);
  await ctx.failpoint?.('resolve.claimed');
  const submission = await findAnyLatestSubmission(ctx.db, claim.id);
  const upstream = ctx.ports.upstreams(claim.upstreamAccountId);
  if (!submission || !upstream) {
    ctx.log.error('submission.unresolvable', { videoId: claim.id, upstream: claim.upstreamAccountId });
    return await later(ctx, claim, MINUTE, claim.failures);
  }
  if (claim.state === 'submitting') return await becomeUnknown(ctx, claim);
  if (!upstream.capabilities.lists) return await giveUpBlind(ctx, claim);

  const look = await lookForSubmission(ctx, upstream, claim, submission);
  await ctx.failpoint?.('resolve.looked');
  switch (look.kind) {
    case 'unavailable':
      return await later(ctx, claim, nextLookMs(ctx, Math.min(claim.failures, 3)), claim.failures);
    case 'found':
      return await adopt(ctx, claim, submission, look.video);
    default:
      return claim.state === 'failed'
        ? await stillGivenUp(ctx, claim, submission, look.kind)
        : await stillMissing(ctx, claim, submission, look.kind);
  }
}

/** Its sender is gone: the lease ran out while the request was under way. */
async function becomeUnknown(ctx: ServiceContext, claim: Claim): Promise<Outcome> {
  await transaction(ctx.db, async (tx, afterCommit) => {
    const row = await moveVideo(tx, claim, 'unknown', { inMs: 0 });
    if (!row) return;
    await endSubmission(tx, claim.id, 'unknown', { errorClass: 'sender_gone' });
    await emitUnlessDeleted(tx, row, 'video.queued');
    afterCommit(() => hint(ctx, { name: 'resolve-submission', payload: { videoId: claim.id } }));
  });
  return done;
}

/** It exists. Where another row has found the same one at the same moment, this one looks again. */
async function adopt(
  ctx: ServiceContext,
  claim: Claim,
  submission: SubmissionRow,
  found: UpstreamVideo,
): Promise<Outcome> {
  const adopted = transaction(ctx.db, async (tx) => {
    const row = await moveVideo(
      tx,
      claim,
      'rendering',
      { inMs: 0 },
      {
        upstreamId: found.id,
        upstreamHandle: { id: found.id },
        upstreamCreatedAt: found.createdAt ?? null,
        submittedAt: submission.sentAt,
        errorCode: null,
        errorMessage: null,
        errorDetails: null,
      },
    );
    if (!row) return;
    await ctx.failpoint?.('resolve.moved');
    await acceptSubmission(tx, submission.id);
    await explainOrphan(tx, { accountId: claim.upstreamAccountId, upstreamId: found.id }, claim.id);
  });
  try {
    await adopted;
    await ctx.failpoint?.('resolve.committed');
  } catch (error) {
    if (isUpstreamIdTaken(error)) return await later(ctx, claim, nextLookMs(ctx, 0), claim.failures);
    throw error;
  }
  ctx.log.info('submission.resolved', {
    videoId: claim.id,
    upstreamId: found.id,
    decision: claim.state === 'failed' ? 'revived' : 'adopted',
    searchedMs: msSince(claim, submission),
  });
  return done;
}

async function stillMissing(
  ctx: ServiceContext,
  claim: Claim,
  submission: SubmissionRow,
  look: 'absent' | 'uncertain',
): Promise<Outcome> {
  const looks = claim.failures + 1;
  if (looks < ABSENT_LOOKS || msSince(claim, submission) < ctx.timing.searchMs) {
    return await later(ctx, claim, nextLookMs(ctx, looks - 1), looks);
  }
  await failVideo(ctx, claim, {
    ...(look === 'absent' ? NOT_RENDERED : NOT_KNOWABLE),
    money: 'hold',
    holdMs: lookAgainMs(ctx),
    alongside: (tx) => endSubmission(tx, claim.id, look === 'absent' ? 'absent' : 'unknown'),
  });
  return done;
}

/** Given back at the horizon, but only on a look that proves something; what may exist after all counts as spent. */
async function stillGivenUp(
  ctx: ServiceContext,
  claim: Claim,
  submission: SubmissionRow,
  look: 'absent' | 'uncertain',
): Promise<Outcome> {
  if (msSince(claim, submission) < ctx.timing.searchMs + ctx.timing.horizonMs) {
    return await later(ctx, claim, lookAgainMs(ctx), claim.failures);
  }
  if (look === 'uncertain') ctx.log.error('submission.outcome_unknown', { videoId: claim.id });
  await transaction(ctx.db, async (tx, afterCommit) => {
    const row = await moveVideo(tx, claim, 'failed', 'never');
    if (!row) return;
    if (look === 'absent') await finishReservations(tx, claim.id, null);
    else await parkReservations(tx, claim.id);
    if (row.deleteRequestedAt)
      afterCommit(() => hint(ctx, { name: 'purge-video', payload: { videoId: row.id } }));
  });
  return done;
}

/** Nothing can be looked up: it may have been charged, so it counts as spent until an admin decides. */
async function giveUpBlind(ctx: ServiceContext, claim: Claim): Promise<Outcome> {
  if (claim.state === 'failed') return await later(ctx, claim, ctx.timing.horizonMs, claim.failures);
  ctx.log.error('submission.outcome_unknown', { videoId: claim.id, upstream: claim.upstreamAccountId });
  await failVideo(ctx, claim, {
    ...NOT_KNOWABLE,
    money: 'park',
    alongside: (tx) => endSubmission(tx, claim.id, 'unknown'),
  });
  return done;
}

function nextLookMs({ timing }: ServiceContext, index: number): number {
  return Math.min(LOOKS_MS[Math.min(index, LOOKS_MS.length - 1)] ?? MINUTE, timing.searchMs / ABSENT_LOOKS);
}

function lookAgainMs({ timing }: ServiceContext): number {
  return Math.min(LOOK_AGAIN_MS, timing.horizonMs / ABSENT_LOOKS);
}

function msSince(claim: Claim, submission: SubmissionRow): number {
  return claim.claimedAt.getTime() - (submission.endedAt ?? submission.preparedAt).getTime();
}

async function later(ctx: ServiceContext, claim: Claim, delayMs: number, failures: number): Promise<Outcome> {
  const next = await snoozeVideo(ctx.db, claim, delayMs, { failures });
  return next ? snooze(next.nextActionAt) : done;
}
