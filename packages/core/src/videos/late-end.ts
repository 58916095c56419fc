import { transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { hint } from '../hint.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import { finishReservations } from '../quotas/index.ts';
import { actualAmounts } from './end-video.ts';
import { type Claim, chargeInFull, moveVideo, snoozeVideo } from './queries/index.ts';

/** Between two looks at a render that was given up, in ms. */
export const LATE_LOOK_MS = 5 * 60_000;

/**
 * Looks at a render that was given up because it never ended. Finished after all, it is rendered again for its owner, and paid for by
 * the reservation that was kept. After the horizon the reservation ends as that of a failed render does.
 */
export async function lookForLateEnd(ctx: ServiceContext, claim: Claim): Promise<Outcome> {
  const upstream = ctx.ports.upstreams(claim.upstreamAccountId);
  const result = upstream && claim.upstreamHandle ? await upstream.poll(claim.upstreamHandle) : null;
  if (result?.kind === 'seen' && result.video.state === 'succeeded') {
    await transaction(ctx.db, async (tx, afterCommit) => {
      const nothingFailed = { errorCode: null, errorMessage: null, errorDetails: null };
      const row = await moveVideo(tx, claim, 'rendering', { inMs: 0 }, nothingFailed);
      if (row) afterCommit(() => hint(ctx, { name: 'poll-video', payload: { videoId: row.id } }));
    });
    ctx.log.info('render.revived', { videoId: claim.id });
    return done;
  }
  const { renderMs, horizonMs } = ctx.timing;
  const ageMs = claim.claimedAt.getTime() - (claim.submittedAt ?? claim.createdAt).getTime();
  const failed = result?.kind === 'seen' && result.video.state === 'failed';
  if (!failed && ageMs < renderMs + horizonMs) {
    const next = await snoozeVideo(ctx.db, claim, LATE_LOOK_MS, { failures: claim.failures });
    return next ? snooze(next.nextActionAt) : done;
  }
  const charged = upstream?.capabilities.chargesOnFailure ?? true;
  await transaction(ctx.db, async (tx, afterCommit) => {
    const row = await moveVideo(tx, claim, 'failed', 'never', charged ? chargeInFull : {});
    if (!row) return;
    await finishReservations(tx, row.id, charged ? actualAmounts(row) : null);
    if (row.deleteRequestedAt)
      afterCommit(() => hint(ctx, { name: 'purge-video', payload: { videoId: row.id } }));
  });
  return done;
}
