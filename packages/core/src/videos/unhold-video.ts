import { now } from '@reelgate/db';
import { administerVideo, type VideoAdministration } from './administer-video.ts';
import { changeVideo } from './queries/index.ts';

/** Lifts a hold. What its owner has deleted meanwhile goes now. */
export async function unholdVideo(ctx: VideoAdministration, id: string): Promise<void> {
  await administerVideo(ctx, id, async (tx, row) => {
    await changeVideo(tx, id, {
      legalHoldAt: null,
      legalHoldReason: null,
      ...(row.deleteRequestedAt && row.nextActionAt ? { nextActionAt: now } : {}),
    });
    return { action: 'video.unhold', before: { hold: row.legalHoldAt !== null }, after: { hold: false } };
  });
}
