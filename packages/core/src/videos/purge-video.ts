import { transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { done, type Outcome } from '../outcome.ts';
import { claimAnyVideo, listAnyAssets, markPurged } from './queries.ts';
import type { VideoState } from './state.ts';
import { outcomeOfUnclaimed } from './unclaimed.ts';

const ENDED: readonly VideoState[] = ['stored', 'partly_stored', 'content_lost', 'failed'];

/** Removes the bytes of a deleted video, then what the row still tells. The tombstone stays: lineage and ledger refer to it. */
export async function purgeVideo(ctx: ServiceContext, videoId: string): Promise<Outcome> {
  const claim = await claimAnyVideo(ctx.db, videoId, ENDED, { owner: ctx.owner, ms: ctx.timing.leaseMs * 3 });
  if (!claim) return await outcomeOfUnclaimed(ctx, videoId, ENDED);
  if (!claim.deleteRequestedAt) return done;
  for (const asset of await listAnyAssets(ctx.db, videoId)) {
    if (asset.objectKey) await ctx.ports.objects.delete(asset.objectKey);
  }
  await transaction(ctx.db, (tx) => markPurged(tx, claim));
  ctx.log.info('video.purged', { videoId });
  return done;
}
