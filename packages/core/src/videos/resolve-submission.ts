import { transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { hint } from '../hint.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import type { UpstreamVideo, VideoUpstream } from '../ports.ts';
import { finishReservations } from '../quotas/index.ts';
import { failVideo } from './end-video.ts';
import {
  type Claim,
  claimAnyVideo,
  endSubmission,
  findAnyLatestSubmission,
  listAnyKnownUpstreamIds,
  listAnyUnresolved,
  moveVideo,
  reopenSubmission,
  type SubmissionRow,
  snoozeVideo,
} from './queries.ts';
import type { VideoState } from './state.ts';
import { outcomeOfUnclaimed } from './unclaimed.ts';

const STATES: readonly VideoState[] = ['submitting', 'unknown', 'failed'];
const MINUTE = 60_000;
/** Waits after each look, in ms. */
const LOOKS_MS = [3_000, 10_000, 30_000, 75_000, 3 * MINUTE, 5 * MINUTE, 5 * MINUTE];
/** Looks that found nothing, and time since the request ended, before it counts as never made. */
const ABSENT_AFTER = { looks: 4, ms: 10 * MINUTE } as const;
/** A create given up keeps its reservation this long, in case it turns up after all. */
const HORIZON_MS = 60 * MINUTE;
/** Tolerance between the upstream's clock and ours around the time of sending, in ms. */
const WINDOW = { beforeMs: 2 * MINUTE, afterMs: 2 * MINUTE } as const;
/** Pages read at one look; each is about a hundred videos. */
const MAX_PAGES = 20;

/**
 * Finds out what became of a create whose answer was lost, by looking for it upstream; never by sending it again.
 * Also looks once more for one that was given up, before its reservation is released.
 */
export async function resolveSubmission(ctx: ServiceContext, videoId: string): Promise<Outcome> {
  const claim = await claimAnyVideo(ctx.db, videoId, STATES, {
    owner: ctx.owner,
    ms: ctx.timing.leaseMs * 3,
  });
  if (!claim) return await outcomeOfUnclaimed(ctx, videoId, STATES);
  const submission = await findAnyLatestSubmission(ctx.db, videoId);
  const upstream = ctx.ports.upstreams(claim.upstreamAccountId);
  if (!submission || !upstream) {
    ctx.log.error('submission.unresolvable', { videoId, upstream: claim.upstreamAccountId });
    return await later(ctx, claim, MINUTE, claim.failures);
  }
  if (claim.state === 'submitting') return await becomeUnknown(ctx, claim);
  if (!upstream.capabilities.lists) return await giveUpBlind(ctx, claim);

  const scan = await findCandidates(ctx, upstream, claim, submission);
  if (scan === 'unavailable')
    return await later(ctx, claim, LOOKS_MS[Math.min(claim.failures, 3)] ?? MINUTE, claim.failures);
  const found = await mine(ctx, claim, scan);
  if (found) return await adopt(ctx, claim, submission, found);
  return claim.state === 'failed' ? await releaseHold(ctx, claim) : await stillAbsent(ctx, claim, submission);
}

/** Its sender is gone: the lease ran out while the request was under way. */
async function becomeUnknown(ctx: ServiceContext, claim: Claim): Promise<Outcome> {
  await transaction(ctx.db, async (tx, afterCommit) => {
    if (!(await moveVideo(tx, claim, 'unknown', { inMs: 0 }))) return;
    await endSubmission(tx, claim.id, 'unknown', { errorClass: 'sender_gone' });
    afterCommit(() => hint(ctx, { name: 'resolve-submission', payload: { videoId: claim.id } }));
  });
  return done;
}

/** Everything the upstream shows from around the time of sending that looks like this request and belongs to no row. */
async function findCandidates(
  ctx: ServiceContext,
  upstream: VideoUpstream,
  claim: Claim,
  submission: SubmissionRow,
): Promise<UpstreamVideo[] | 'unavailable'> {
  const sentAt = (submission.sentAt ?? submission.preparedAt).getTime();
  const earliest = sentAt - WINDOW.beforeMs;
  const latest = (submission.endedAt?.getTime() ?? sentAt) + WINDOW.afterMs;
  const seen: UpstreamVideo[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const result = await upstream.list(after === undefined ? {} : { after });
    if (result.kind === 'unavailable') return 'unavailable';
    seen.push(...result.videos);
    const oldest = result.videos.at(-1)?.createdAt?.getTime();
    if (result.next === undefined || (oldest !== undefined && oldest < earliest)) break;
    after = result.next;
  }
  const alike = seen.filter((video) => {
    const createdAt = video.createdAt?.getTime();
    return createdAt !== undefined && createdAt >= earliest && createdAt <= latest && looksLike(video, claim);
  });
  const known = await listAnyKnownUpstreamIds(
    ctx.db,
    upstream.accountId,
    alike.map((video) => video.id),
  );
  return alike
    .filter((video) => !known.has(video.id))
    .sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0) || (a.id < b.id ? -1 : 1));
}

/** A field that the upstream does not show cannot speak against it, except the prompt, which must be shown and equal. */
function looksLike({ visible }: UpstreamVideo, claim: Claim): boolean {
  const agrees = (shown: string | undefined, ours: string) => shown === undefined || shown === ours;
  return (
    visible.prompt === claim.prompt &&
    agrees(visible.model, claim.upstreamModel) &&
    agrees(visible.seconds, String(claim.seconds)) &&
    agrees(visible.size, claim.size)
  );
}

/**
 * Which candidate is this row's. Among unresolved requests that are equal in everything, any assignment is right, so it goes by
 * the order of sending. Where they differ in something that the list does not show, only a single pair is certain.
 */
async function mine(
  ctx: ServiceContext,
  claim: Claim,
  candidates: readonly UpstreamVideo[],
): Promise<UpstreamVideo | null> {
  if (candidates.length === 0) return null;
  const unresolved = await listAnyUnresolved(ctx.db, claim.upstreamAccountId, claim.visibleFingerprint);
  const equal = unresolved.every((row) => row.fullFingerprint === claim.fullFingerprint);
  if (!equal && !(unresolved.length === 1 && candidates.length === 1)) {
    ctx.log.error('submission.ambiguous', {
      videoId: claim.id,
      unresolvedCount: unresolved.length,
      candidateCount: candidates.length,
    });
    return null;
  }
  const place = unresolved.findIndex((row) => row.videoId === claim.id);
  return candidates[place] ?? null;
}

/** It exists: the unique index on the upstream's id makes sure that no two rows get the same one. */
async function adopt(
  ctx: ServiceContext,
  claim: Claim,
  submission: SubmissionRow,
  found: UpstreamVideo,
): Promise<Outcome> {
  await transaction(ctx.db, async (tx, afterCommit) => {
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
      },
    );
    if (!row) return;
    await reopenSubmission(tx, submission.id);
    afterCommit(() => hint(ctx, { name: 'poll-video', payload: { videoId: row.id } }));
  });
  ctx.log.info('submission.resolved', {
    videoId: claim.id,
    upstreamId: found.id,
    decision: claim.state === 'failed' ? 'revived' : 'adopted',
  });
  return done;
}

async function stillAbsent(ctx: ServiceContext, claim: Claim, submission: SubmissionRow): Promise<Outcome> {
  const looks = claim.failures + 1;
  const endedAt = (submission.endedAt ?? submission.preparedAt).getTime();
  if (looks < ABSENT_AFTER.looks || Date.now() - endedAt < ABSENT_AFTER.ms) {
    return await later(ctx, claim, LOOKS_MS[Math.min(looks, LOOKS_MS.length) - 1] ?? MINUTE, looks);
  }
  await failVideo(ctx, claim, {
    code: 'upstream_timeout',
    message:
      'The upstream did not answer and shows no such video. It was not rendered; please create it again.',
    money: 'hold',
    holdMs: HORIZON_MS,
    alongside: (tx) => endSubmission(tx, claim.id, 'absent'),
  });
  return done;
}

async function releaseHold(ctx: ServiceContext, claim: Claim): Promise<Outcome> {
  await transaction(ctx.db, async (tx) => {
    if (!(await moveVideo(tx, claim, 'failed', 'never'))) return;
    await finishReservations(tx, claim.id, null);
  });
  return done;
}

/** Nothing can be looked up: it may have been charged, so it counts as spent until an admin decides. */
async function giveUpBlind(ctx: ServiceContext, claim: Claim): Promise<Outcome> {
  if (claim.state === 'failed') return await later(ctx, claim, HORIZON_MS, claim.failures);
  ctx.log.error('submission.outcome_unknown', { videoId: claim.id, upstream: claim.upstreamAccountId });
  await failVideo(ctx, claim, {
    code: 'upstream_outcome_unknown',
    message:
      'The upstream did not answer, and it cannot be found out whether it renders this video. An administrator has to decide.',
    money: 'park',
    alongside: (tx) => endSubmission(tx, claim.id, 'unknown'),
  });
  return done;
}

async function later(ctx: ServiceContext, claim: Claim, delayMs: number, failures: number): Promise<Outcome> {
  const next = await snoozeVideo(ctx.db, claim, delayMs, { failures });
  return next ? snooze(next.nextActionAt) : done;
}
