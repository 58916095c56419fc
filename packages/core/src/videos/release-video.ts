import { finishReservations } from '../quotas/index.ts';
import { administerVideo, type VideoAdministration } from './administer-video.ts';
import { changeVideo, findOpenReservation } from './queries/index.ts';
import { noLongerDue, nothingToDecide } from './settle-video.ts';

/** Gives back what was reserved for a failed video that was not charged. Throws `conflict` where nothing waits for a decision. */
export async function releaseVideo(ctx: VideoAdministration, id: string, reason: string): Promise<void> {
  await administerVideo(ctx, id, async (tx, row) => {
    const state = row.state === 'failed' ? await findOpenReservation(tx, id) : null;
    if (!state) throw nothingToDecide(id);
    await finishReservations(tx, id, null);
    await changeVideo(tx, id, noLongerDue(row));
    return {
      action: 'video.release',
      before: { reservation: state, reservedMicroUsd: row.estimatedMicroUsd },
      after: { reservation: 'released' },
      reason,
    };
  });
}
