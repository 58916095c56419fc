import { transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { done, type Outcome } from '../outcome.ts';
import { claimAnyVideo, holdsReservation, listAnyAssets, markPurged } from './queries/index.ts';
import { resolveClaimed } from './resolve-submission.ts';
import type { VideoState } from './state.ts';
import { outcomeOfUnclaimed } from './unclaimed.ts';

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
