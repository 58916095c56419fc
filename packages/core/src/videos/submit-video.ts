import { setTimeout as wait } from 'node:timers/promises';
import { newId, singleStatement, transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { hint } from '../hint.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import { OUT_OF_CREDIT, type SubmitResult, type UpstreamJob } from '../ports/index.ts';
import { findBrakeInForce } from '../quotas/index.ts';
import { emitUnlessDeleted } from './emit-video-event.ts';
import { failVideo } from './end-video.ts';
import type { VideoInput } from './inputs.ts';
import { holdLease } from './lease.ts';
import {
  beginSending,
  type Claim,
  claimAnyVideo,
  endSubmission,
  findAnyHold,
  isUpstreamIdTaken,
  listAnyAssets,
  moveVideo,
  noteOutOfCredit,
  recordAccepted,
  replaceInputs,
  retakeAnyVideo,
  type SubmissionRow,
  snoozeVideo,
  takeAnyCreditProbe,
} from './queries/index.ts';
import type { VideoState } from './state.ts';
import { outcomeOfUnclaimed } from './unclaimed.ts';
import { loadUpstreamJob } from './upstream-job.ts';

/** A video that no upstream would take is given up after this, in ms. */
const MAX_QUEUE_MS = 10 * 60_000;
/** How often to ask whether an upstream that is disabled or out of credit may be sent to again, in ms. */
const HOLD_WAIT_MS = 30_000;
/** How long an account that is out of credit is sent nothing, in ms; then one create finds out whether it still is. */
const OUT_OF_CREDIT_MS = 5 * 60_000;
/** How often to ask whether a brake has been released, in ms. */
const BRAKE_WAIT_MS = 5_000;
/** First look for a create whose answer was lost, in ms. */
const FIRST_LOOK_MS = 2_000;
/** How long the answer of an upstream is kept in memory while Postgres is away, in ms; an id that was paid for the longest. */
const RECORD_FOR_MS = { accepted: 15 * 60_000, other: 60_000 } as const;

const NOT_TAKEN = {
  code: 'upstream_unavailable',
  message:
    'No upstream could take this video. It was not rendered and nothing was charged. Please create it again later.',
};
const NOT_PAYABLE = {
  code: 'upstream_unavailable',
  message:
    "The account with this model's upstream was out of credit for longer than this video could wait. It was not rendered and nothing was charged. Tell an administrator of Reelgate, and create it again once there is credit, or with a model of another upstream.",
};
const HELD_TOO_LONG = {
  code: 'creates_paused',
  message:
    'An administrator has paused new videos while this one was waiting for its upstream, for longer than it could wait. It was not rendered and nothing was charged. Please create it again once that is lifted.',
};

/** Out of which states an answer still counts when it comes after the lease was lost. */
const ANSWERED_LATE: Readonly<Record<SubmitResult['kind'], readonly VideoState[]>> = {
  accepted: ['submitting', 'unknown', 'failed'],
  refused: ['submitting', 'unknown'],
  not_sent: ['submitting', 'unknown'],
  unknown: [],
};

/** Sends a video that waits in `accepted`. */
export async function submitVideo(ctx: ServiceContext, videoId: string): Promise<Outcome> {
  const claim = await claimAnyVideo(ctx.db, videoId, ['accepted'], {
    owner: ctx.owner,
    ms: ctx.timing.leaseMs,
  });
  if (!claim) return await outcomeOfUnclaimed(ctx, videoId, ['accepted']);
  if (claim.deleteRequestedAt) {
    await failVideo(ctx, claim, {
      code: 'cancelled',
      message: 'The video was deleted before it was rendered.',
      money: 'release',
    });
    return done;
  }
  const isHeld = (await findBrakeInForce(ctx.db, claim)) !== null;
  const hold = await findAnyHold(ctx.db, claim.upstreamAccountId);
  if (claim.claimedAt.getTime() - claim.createdAt.getTime() > MAX_QUEUE_MS) {
    const why = isHeld ? HELD_TOO_LONG : hold === 'out_of_credit' ? NOT_PAYABLE : NOT_TAKEN;
    await failVideo(ctx, claim, { ...why, money: 'release' });
    return done;
  }
  // What waits here has not begun: a brake that is pulled meanwhile holds it as it holds new ones.
  if (isHeld) {
    const next = await snoozeVideo(ctx.db, claim, BRAKE_WAIT_MS);
    return next ? snooze(next.nextActionAt) : done;
  }
  await ctx.failpoint?.('submit.claimed');
  if (hold === 'disabled' || (hold && !(await takeAnyCreditProbe(ctx.db, claim.upstreamAccountId)))) {
    const next = await snoozeVideo(ctx.db, claim, HOLD_WAIT_MS);
    return next ? snooze(next.nextActionAt) : done;
  }
  // Before it counts as sent: what fails here is known not to have left.
  const job = await loadUpstreamJob(ctx, claim);
  const sending = await transaction(ctx.db, async (tx) => {
    const moved = await moveVideo(tx, claim, 'submitting', { heldForMs: ctx.timing.leaseMs });
    return moved ? { claim: moved, submission: await beginSending(tx, moved, newId('submission')) } : null;
  });
  if (!sending) return done;
  await ctx.failpoint?.('submit.begun');
  await sendSubmission(ctx, {
    ...sending,
    job,
    parentId: sending.claim.parentId,
    hideRefusal: () => false,
  });
  return done;
}

export interface Sending {
  readonly claim: Pick<Claim, 'id' | 'leaseEpoch' | 'state' | 'upstreamAccountId'>;
  readonly submission: Pick<SubmissionRow, 'id' | 'no'>;
  readonly job: UpstreamJob;
  readonly parentId: string | null;
  /** Asked once, when the upstream has refused: whether the refusal is told to a caller who still waits, and so leaves no video to show. */
  readonly hideRefusal: () => boolean;
}

/**
 * Sends one create and records what it proved. The caller holds the lease and has recorded the submission as `sending`:
 * whatever happens from here on, nobody will send it a second time by mistake.
 */
export async function sendSubmission(
  ctx: ServiceContext,
  sending: Sending,
): Promise<SubmitResult & { readonly hidden: boolean }> {
  // A request on its way cannot be called back: where the lease is lost all the same, its answer is recorded late.
  const lease = holdLease(ctx, sending.claim);
  try {
    return await sendHeld(ctx, sending);
  } finally {
    lease.stop();
  }
}

async function sendHeld(
  ctx: ServiceContext,
  sending: Sending,
): Promise<SubmitResult & { readonly hidden: boolean }> {
  const upstream = ctx.ports.upstreams(sending.claim.upstreamAccountId);
  const result: SubmitResult = upstream
    ? await upstream.submit(sending.job, { submissionId: sending.submission.id })
    : {
        kind: 'not_sent',
        error: { code: 'upstream_not_configured', message: 'The upstream is not configured.' },
      };
  await ctx.failpoint?.('record.answered');
  const refused = result.kind === 'refused' && result.retry === 'never';
  const sourceFile = refused ? await sourceToSend(ctx, sending, result) : null;
  const hidden = refused && !sourceFile && sending.hideRefusal();
  await keepTrying(ctx, sending, result, async () => {
    const write = (claim: Sending['claim']) =>
      sourceFile ? sendWithFile(ctx, claim, sourceFile) : record(ctx, { ...sending, claim }, result, hidden);
    if (!(await write(sending.claim))) await recordLate(ctx, sending, result, write);
  });
  await ctx.failpoint?.('record.committed');
  ctx.log.info('submission.ended', {
    videoId: sending.claim.id,
    submissionId: sending.submission.id,
    upstream: sending.claim.upstreamAccountId,
    outcome: result.kind,
    ...(result.kind === 'accepted'
      ? { upstreamId: result.handle.id }
      : { errorCode: result.error.code, status: result.error.httpStatus }),
  });
  if (result.kind === 'refused' && result.operatorFault) {
    ctx.log.error('upstream.account_refused', {
      upstream: sending.claim.upstreamAccountId,
      errorCode: result.error.code,
    });
  }
  return { ...result, hidden };
}

/** Where the upstream has forgotten the source of a derived video, the stored file of that source, if it takes files. */
async function sourceToSend(
  ctx: ServiceContext,
  { claim, job, parentId }: Sending,
  result: SubmitResult & { kind: 'refused' },
): Promise<Extract<VideoInput, { kind: 'archived_source' }> | null> {
  const takesFiles = ctx.ports.upstreams(claim.upstreamAccountId)?.capabilities.videoUploads;
  if (result.error.httpStatus !== 404 || !job.source || !parentId || !takesFiles || job.operation === 'remix')
    return null;
  const asset = (await listAnyAssets(ctx.db, parentId)).find(
    (item) => item.variant === 'video' && item.state === 'stored',
  );
  return asset?.objectKey
    ? { kind: 'archived_source', objectKey: asset.objectKey, bytes: asset.bytes ?? 0 }
    : null;
}

/** The refusal proves that nothing was made; it is sent again by a worker, with the file in place of the id. */
async function sendWithFile(
  ctx: ServiceContext,
  claim: Sending['claim'],
  file: Extract<VideoInput, { kind: 'archived_source' }>,
): Promise<boolean> {
  return await transaction(ctx.db, async (tx, afterCommit) => {
    const row = await moveVideo(tx, claim, 'accepted', { inMs: 0 });
    if (!row) return false;
    await endSubmission(tx, claim.id, 'refused', { httpStatus: 404, errorClass: 'source_gone' });
    await replaceInputs(tx, claim.id, [...row.inputs, file]);
    await emitUnlessDeleted(tx, row, 'video.queued');
    afterCommit(() => hint(ctx, { name: 'submit-video', payload: { videoId: claim.id } }));
    return true;
  });
}

/**
 * The lease ran out before the answer was there, and a worker may have begun to look for the video, or have given it up. What
 * the upstream itself said of this very submission is worth more than that.
 */
async function recordLate(
  ctx: ServiceContext,
  { claim, submission }: Sending,
  result: SubmitResult,
  write: (claim: Sending['claim']) => Promise<boolean>,
): Promise<void> {
  const states = ANSWERED_LATE[result.kind];
  if (states.length === 0) return;
  const recorded = await transaction(ctx.db, async (tx) => {
    const retaken = await retakeAnyVideo(tx, claim.id, submission.id, states);
    return retaken !== null && (await write(retaken));
  });
  ctx.log.warn('submission.answered_late', { videoId: claim.id, outcome: result.kind, recorded });
}

/** False where the lease was lost. */
async function record(
  ctx: ServiceContext,
  sending: Sending,
  result: SubmitResult,
  hidden: boolean,
): Promise<boolean> {
  const { claim } = sending;
  const videoId = claim.id;
  if (result.kind === 'accepted') {
    const pollInMs = ctx.ports.upstreams(claim.upstreamAccountId)?.capabilities.pollIntervalMs ?? 5_000;
    return await singleStatement(ctx.db, async (tx) => {
      const deliveries = await recordAccepted(tx, claim, {
        submissionId: sending.submission.id,
        handle: result.handle,
        upstreamCreatedAt: result.snapshot.createdAt,
        requestId: result.requestId,
        dueInMs: pollInMs,
      });
      return deliveries !== null;
    });
  }
  const facts = { httpStatus: result.error.httpStatus, errorClass: result.error.code };
  if (result.kind === 'refused' && result.retry === 'never') {
    return await failVideo(ctx, claim, {
      code: result.error.code,
      message: result.error.message,
      money: 'release',
      hidden,
      alongside: (tx) => endSubmission(tx, videoId, 'refused', facts),
    });
  }
  if (result.kind === 'unknown') {
    return await transaction(ctx.db, async (tx, afterCommit) => {
      const moved = await moveVideo(tx, claim, 'unknown', { inMs: FIRST_LOOK_MS });
      if (!moved) return false;
      await endSubmission(tx, videoId, 'unknown', facts);
      await emitUnlessDeleted(tx, moved, 'video.queued');
      afterCommit(() => hint(ctx, { name: 'resolve-submission', payload: { videoId } }, FIRST_LOOK_MS));
      return true;
    });
  }
  // Nothing exists upstream: it waits here and is sent again.
  const asked = result.kind === 'refused' ? result.retryAfterMs : undefined;
  const inMs = asked ?? Math.min(1_000 * 2 ** sending.submission.no, 60_000);
  return await transaction(ctx.db, async (tx, afterCommit) => {
    const moved = await moveVideo(tx, claim, 'accepted', { inMs });
    if (!moved) return false;
    await endSubmission(tx, videoId, result.kind === 'refused' ? 'refused' : 'not_sent', facts);
    if (result.error.code === OUT_OF_CREDIT) {
      await noteOutOfCredit(tx, claim.upstreamAccountId, OUT_OF_CREDIT_MS);
    }
    await emitUnlessDeleted(tx, moved, 'video.queued');
    afterCommit(() => hint(ctx, { name: 'submit-video', payload: { videoId } }, inMs));
    return true;
  });
}

/**
 * The answer of an upstream is worth money: while Postgres is away it is kept and tried again, and the log has it. Where another
 * row was taken for the owner of its id, this one is looked for like any whose answer was lost.
 */
async function keepTrying(
  ctx: ServiceContext,
  { claim }: Sending,
  result: SubmitResult,
  write: () => Promise<void>,
): Promise<void> {
  const facts = {
    videoId: claim.id,
    upstream: claim.upstreamAccountId,
    ...(result.kind === 'accepted' ? { upstreamId: result.handle.id } : {}),
  };
  const until = performance.now() + RECORD_FOR_MS[result.kind === 'accepted' ? 'accepted' : 'other'];
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
    try {
      return await write();
    } catch (error) {
      if (isUpstreamIdTaken(error)) return ctx.log.error('submission.upstream_id_taken', facts);
      if (performance.now() + pauseMs > until) {
        ctx.log.error('submission.unrecorded', { ...facts, error });
        throw error;
      }
      ctx.log.warn('submission.record_retried', { ...facts, error });
      await wait(pauseMs);
    }
  }
}
