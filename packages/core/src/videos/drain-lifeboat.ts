import { randomBytes } from 'node:crypto';
import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import { listAnyInLifeboat, moveAnyAsset } from './queries/index.ts';
import { isAway, notePutFailed, notePutWorked } from './store-health.ts';
import { VerifyContent } from './verify-content.ts';

/** Objects of one round. */
const BATCH = 20;

/** Brings what was stored in the lifeboat home, once the object store takes it again. Resolves to how many it moved. */
export async function drainLifeboat(ctx: WorkerContext): Promise<number> {
  const { objects } = ctx.ports;
  const { lifeboat } = objects;
  if (!lifeboat) return 0;
  let moved = 0;
  for (const asset of await listAnyInLifeboat(ctx.db, lifeboat.prefix, BATCH)) {
    if (isAway(objects, ctx.timing.storeAwayMs)) break;
    const found = await objects.get(asset.objectKey);
    if (!found) {
      ctx.log.error('lifeboat.object_missing', { videoId: asset.videoId, variant: asset.variant });
      continue;
    }
    // This try's own: another worker may be at the same one, and whoever comes second deletes what it has put.
    const own = randomBytes(6).toString('hex');
    const objectKey = asset.objectKey.slice(lifeboat.prefix.length).replace(/(\.\w+)$/, `-${own}$1`);
    const verify = new VerifyContent(asset.variant, { announcedBytes: asset.bytes, maxBytes: asset.bytes });
    try {
      found.body.on('error', (error) => verify.destroy(error)).pipe(verify);
      await objects.put(objectKey, verify, {
        contentType: asset.contentType,
        metadata: { 'video-id': asset.videoId, 'team-id': asset.teamId, variant: asset.variant },
      });
    } catch (error) {
      notePutFailed(objects, ctx.timing.storeAwayMs);
      ctx.log.warn('lifeboat.not_drained', { videoId: asset.videoId, variant: asset.variant, error });
      break;
    } finally {
      found.body.destroy();
    }
    notePutWorked(objects);
    const same = verify.result.sha256 === asset.sha256;
    const recorded =
      same &&
      (await transaction(ctx.db, (tx) => moveAnyAsset(tx, asset, { objectKey, bucket: objects.bucket })));
    await objects.delete(recorded ? asset.objectKey : objectKey);
    if (!same) ctx.log.error('lifeboat.other_bytes', { videoId: asset.videoId, variant: asset.variant });
    if (recorded) moved++;
  }
  return moved;
}
