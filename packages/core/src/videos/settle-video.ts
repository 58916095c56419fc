import { ReelgateError } from '../errors.ts';
import { finishReservations } from '../quotas/index.ts';
import { administerVideo, type VideoAdministration } from './administer-video.ts';
import { changeVideo, findOpenReservation } from './queries/index.ts';

/**
 * Books what a failed video has cost, by the bill of its upstream, for a reservation that nobody else decides. Throws `conflict` where
 * there is none.
 */
export async function settleVideo(
  ctx: VideoAdministration,
  id: string,
  decision: { readonly costMicroUsd: bigint; readonly reason: string },
): Promise<void> {
  await administerVideo(ctx, id, async (tx, row) => {
    const state = row.state === 'failed' ? await findOpenReservation(tx, id) : null;
    if (!state) throw nothingToDecide(id);
    await finishReservations(tx, id, {
      cost: decision.costMicroUsd.toString(),
      seconds: String(row.billedSeconds),
      videos: '1',
    });
    await changeVideo(tx, id, { finalMicroUsd: decision.costMicroUsd, ...noLongerDue(row) });
    return {
      action: 'video.settle',
      before: { reservation: state, reservedMicroUsd: row.estimatedMicroUsd },
      after: { reservation: 'settled', costMicroUsd: decision.costMicroUsd },
      reason: decision.reason,
    };
  });
}

export function nothingToDecide(id: string): ReelgateError {
  return new ReelgateError('conflict', `Video '${id}' has no reservation that waits for a decision.`);
}

/** Nobody looks for it any more; one that its owner has deleted still has to go. */
export function noLongerDue(row: { readonly leaseEpoch: number; readonly deleteRequestedAt: Date | null }) {
  return {
    leaseEpoch: row.leaseEpoch + 1,
    leaseUntil: null,
    leaseOwner: null,
    ...(row.deleteRequestedAt ? {} : { nextActionAt: null }),
  };
}
