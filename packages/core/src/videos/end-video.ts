/** The two ends of a render: each in one transaction with its money and its event. */
import { type Queryable, transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { hint } from '../hint.ts';
import { finishReservations, parkReservations } from '../quotas/index.ts';
import { emitUnlessDeleted } from './emit-video-event.ts';
import {
  type Claim,
  chargeInFull,
  type Due,
  forgetIdempotencyKey,
  hideRefused,
  moveVideo,
  type VideoRow,
} from './queries/index.ts';

export interface Failure {
  readonly code: string;
  /** For the caller; free of anything internal. */
  readonly message: string;
  /** What the upstream said besides, for the caller. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /**
   * `release`: nothing was charged. `settle`: the upstream charges it all the same. `hold`: not known yet, looked at again in
   * `holdMs`. `park`: not knowable, counts as spent until an admin decides.
   */
  readonly money: 'release' | 'settle' | 'hold' | 'park';
  readonly holdMs?: number;
  /** The refusal is the caller's answer; there is no video to show, unless somebody else was given it meanwhile. */
  readonly hidden?: boolean;
  /** What else belongs into the same transaction. */
  readonly alongside?: (tx: Queryable) => Promise<void>;
}

/** Ends a video as failed. False where the lease was lost. */
export async function failVideo(
  ctx: ServiceContext,
  claim: Pick<Claim, 'id' | 'leaseEpoch' | 'state'>,
  failure: Failure,
): Promise<boolean> {
  const ended = await transaction(ctx.db, async (tx, afterCommit) => {
    const due: Due = failure.money === 'hold' ? { inMs: failure.holdMs ?? 0 } : 'never';
    const row = await moveVideo(tx, claim, 'failed', due, {
      errorCode: failure.code,
      errorMessage: failure.message,
      errorDetails: failure.details ?? null,
      ...(failure.hidden ? hideRefused : {}),
      ...(failure.money === 'settle' ? chargeInFull : {}),
    });
    if (!row) return false;
    await ctx.failpoint?.('fail.moved');
    if (failure.hidden && row.deleteRequestedAt) await forgetIdempotencyKey(tx, row.id);
    await failure.alongside?.(tx);
    if (failure.money === 'release') await finishReservations(tx, row.id, null);
    if (failure.money === 'settle') await finishReservations(tx, row.id, actualAmounts(row));
    if (failure.money === 'park') await parkReservations(tx, row.id);
    await ctx.failpoint?.('fail.booked');
    await emitUnlessDeleted(tx, row, 'video.failed');
    if (row.nextActionAt && row.deleteRequestedAt) {
      afterCommit(() => hint(ctx, { name: 'purge-video', payload: { videoId: row.id } }));
    }
    return true;
  });
  await ctx.failpoint?.('fail.committed');
  return ended;
}

/** What a finished render used, as decimal strings by metric. The cost is the one under which it was accepted. */
export function actualAmounts(row: Pick<VideoRow, 'estimatedMicroUsd' | 'billedSeconds'>) {
  return { cost: row.estimatedMicroUsd.toString(), seconds: String(row.billedSeconds), videos: '1' };
}
