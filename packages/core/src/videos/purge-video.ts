import { transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import {
  beginPurge,
  claimAnyVideo,
  holdsReservation,
  listAnyAssets,
  markPurged,
  snoozeVideo,
} from './queries/index.ts';
import { resolveClaimed } from './resolve-submission.ts';
import type { VideoState } from './state.ts';
import { outcomeOfUnclaimed } from './unclaimed.ts';

/** How often to ask whether a deleted video is still on hold, in ms. */
const HELD_MS = 60 * 60_000;
const ENDED: readonly VideoState[] = ['stored', 'partly_stored', 'content_lost', 'failed'];

/** Removes the bytes of a deleted video and what was uploaded for it, then what the row still tells. The tombstone stays: lineage and ledger refer to it. */
export async function purgeVideo(ctx: ServiceContext, videoId: string): Promise<Outcome> {
  const claim = await claimAnyVideo(ctx.db, videoId, ENDED, { owner: ctx.owner, ms: ctx.timing.leaseMs * 3 });
  if (!claim) return await outcomeOfUnclaimed(ctx, videoId, ENDED);
  if (!claim.deleteRequestedAt) return done;
  await ctx.failpoint?.('purge.claimed');
  // A create that was given up may still turn up and cost: until that is decided, its row is needed.
  if (claim.state === 'failed' && (await holdsReservation(ctx.db, videoId)))
    return await resolveClaimed(ctx, claim);
  const undoUntil = claim.deleteRequestedAt.getTime() + ctx.timing.undoMs;
  const waitMs = claim.legalHoldAt ? HELD_MS : undoUntil - claim.claimedAt.getTime();
  if (waitMs > 0) {
    const next = await snoozeVideo(ctx.db, claim, waitMs);
    return next ? snooze(next.nextActionAt) : done;
  }
  // From here on the deletion cannot be undone: what is read of the rows is true of the bytes.
  if (!(await transaction(ctx.db, (tx) => beginPurge(tx, claim)))) return done;
  for (const asset of await listAnyAssets(ctx.db, videoId)) {
    if (asset.objectKey) await ctx.ports.objects.delete(asset.objectKey);
    await ctx.failpoint?.('purge.object_deleted');
  }
  for (const input of claim.inputs) {
    if (input.kind === 'upload') await ctx.ports.objects.delete(input.objectKey);
  }
  await ctx.failpoint?.('purge.bytes_deleted');
  await transaction(ctx.db, (tx) => markPurged(tx, claim));
  await ctx.failpoint?.('purge.committed');
  ctx.log.info('video.purged', { videoId });
  return done;
}
