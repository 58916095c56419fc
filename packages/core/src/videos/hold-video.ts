import { now } from '@reelgate/db';
import { administerVideo, type VideoAdministration } from './administer-video.ts';
import { changeVideo } from './queries/index.ts';

/** Keeps a video's bytes whatever retention and its owner say, until the hold is lifted. */
export async function holdVideo(ctx: VideoAdministration, id: string, reason: string): Promise<void> {
  await administerVideo(ctx, id, async (tx, row) => {
    await changeVideo(tx, id, { legalHoldAt: row.legalHoldAt ?? now, legalHoldReason: reason });
    return {
      action: 'video.hold',
      before: { hold: row.legalHoldAt !== null },
      after: { hold: true },
      reason,
    };
  });
}
