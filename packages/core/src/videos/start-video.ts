/** How every video begins, whatever it is made from: accepted with its money, then sent, then answered. */
import { setTimeout as wait } from 'node:timers/promises';
import type { CallerContext } from '../context.ts';
import type { QuotaStanding } from '../errors.ts';
import type { SubmitResult } from '../ports/index.ts';
import { parseStanding } from '../quotas/index.ts';
import { refusedByUpstream } from '../refused-by-upstream.ts';
import { acceptOrder, type Order, type RequestIdentity } from './accept-order.ts';
import { videoNotFound } from './get-video.ts';
import { findVideo } from './queries/index.ts';
import { sendSubmission } from './submit-video.ts';
import { upstreamJob } from './upstream-job.ts';
import type { VideoView } from './video-view.ts';

export interface StartedVideo {
  readonly video: VideoView;
  /** The request had been accepted before; this is the video of that. */
  readonly replayed: boolean;
  /** Of the caller's own limits, how the one stands that is nearest to its end. */
  readonly quota: QuotaStanding | null;
}

/**
 * Accepts the order with its money, sends it, and waits for the upstream for a while. Throws what `explainRefusal` tells,
 * `idempotency_key_reused`, `file_not_found`, `upstream_refused`, and `service_unavailable` where nothing was accepted.
 */
export async function startVideo(
  ctx: CallerContext,
  order: Order,
  identity: RequestIdentity,
): Promise<StartedVideo> {
  const accepted = await acceptOrder(ctx, order, identity);
  if (accepted.replayed) {
    const video = await findVideo(ctx.db, ctx.principal.teamId, accepted.videoId);
    if (!video) throw videoNotFound(accepted.videoId);
    return { video, replayed: true, quota: null };
  }
  await ctx.failpoint?.('create.accepted');
  const { videoId: id, inputs, submissionId } = accepted;
  const job = upstreamJob(
    ctx,
    { ...order, inputs },
    {
      source: order.sourceHandle,
      parentId: order.source?.id ?? null,
      characterIds: order.characters.map((character) => character.upstreamCharacterId),
    },
  );
  const result = await waitFor(ctx, id, (hideRefusal) =>
    sendSubmission(ctx, {
      claim: { id, state: 'submitting', leaseEpoch: 1, upstreamAccountId: order.upstreamAccountId },
      submission: { id: submissionId, no: 1 },
      job,
      parentId: order.source?.id ?? null,
      hideRefusal,
    }),
  );
  await ctx.failpoint?.('create.sent');
  if (result?.kind === 'refused' && result.hidden) throw refusedByUpstream(result.error);
  return {
    video: justBegun(id, accepted.createdAt, order),
    replayed: false,
    quota: parseStanding(accepted.quota),
  };
}

/** What a caller is told of a video that has just been accepted, without reading it again. */
function justBegun(id: string, createdAt: Date, order: Order): VideoView {
  return {
    id,
    operation: order.operation,
    model: order.model,
    state: 'submitting',
    progress: 0,
    startedAt: null,
    createdAt,
    completedAt: null,
    expiresAt: null,
    prompt: order.prompt,
    size: order.size,
    seconds: order.seconds,
    parentId: order.source?.id ?? null,
    metadata: order.metadata,
    errorCode: null,
    errorMessage: null,
    errorDetails: null,
  };
}

type Sent = SubmitResult & { readonly hidden: boolean };

/**
 * Waits for the upstream, but not for ever; null when the wait is over and the video goes on alone. A refusal is either told
 * to the caller or recorded as a failed video, never both and never neither: whichever comes first decides.
 */
async function waitFor(
  ctx: CallerContext,
  videoId: string,
  send: (hideRefusal: () => boolean) => Promise<Sent>,
): Promise<Sent | null> {
  let answer: 'open' | 'queued' | 'refused' = 'open';
  const sending = send(() => {
    if (answer === 'open') answer = 'refused';
    return answer === 'refused';
  }).catch((error: unknown) => {
    // The row keeps its lease and its reservation; a worker takes it up when the lease is over.
    ctx.log.error('submission.left_to_workers', { videoId, error });
    return null;
  });
  const patience = new AbortController();
  const impatient = wait(ctx.timing.inlineSubmitMs, null, { signal: patience.signal }).then(
    () => {
      if (answer === 'open') answer = 'queued';
      return answer === 'refused' ? sending : null;
    },
    () => null,
  );
  try {
    return await Promise.race([sending, impatient]);
  } finally {
    patience.abort();
  }
}
