import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import type { ObjectStore } from '../ports/index.ts';
import { type LifeboatAsset, listAnyInLifeboat, moveAnyAsset } from './queries/index.ts';
import { isAway, notePutFailed, notePutWorked } from './store-health.ts';
import { ContentError, VerifyContent } from './verify-content.ts';

/** Objects that one turn puts, and those that it looks for. */
const PUTS = 20;
const LOOKS = 500;
/** The key at which the last turn ended; the next one begins behind it, so that what cannot be moved hides nothing. */
const reached = new WeakMap<ObjectStore, string>();

/** Brings what was stored in the lifeboat home, once the object store takes it again. Resolves to how many it moved. */
export async function drainLifeboat(ctx: WorkerContext): Promise<number> {
  const { objects } = ctx.ports;
  const { lifeboat } = objects;
  if (!lifeboat) return 0;
  const after = reached.get(objects) ?? '';
  const missing: LifeboatAsset[] = [];
  let [puts, moved] = [0, 0];
  for (const asset of await listAnyInLifeboat(ctx.db, lifeboat.prefix, after, LOOKS)) {
    if (puts === PUTS) break;
    reached.set(objects, asset.objectKey);
    const found = await objects.get(asset.objectKey);
    if (!found) {
      missing.push(asset);
      continue;
    }
    // Asked only with something to put: whoever is let through must find out whether the store is back.
    if (isAway(objects, ctx.timing.storeAwayMs)) {
      found.body.destroy();
      break;
    }
    puts++;
    const outcome = await bringHome(ctx, asset, found.body);
    if (outcome === 'moved') moved++;
    if (outcome === 'store_failed') break;
  }
  if (missing.length > 0) {
    ctx.log.error('lifeboat.object_missing', {
      count: missing.length,
      videoIds: missing.map(({ videoId }) => videoId),
    });
  }
  return moved;
}

async function bringHome(
  ctx: WorkerContext,
  asset: LifeboatAsset,
  body: Readable,
): Promise<'moved' | 'left' | 'store_failed'> {
  const { objects } = ctx.ports;
  const { videoId, variant } = asset;
  // This try's own: another worker may be at the same one, and whoever comes second deletes what it has put.
  const own = randomBytes(6).toString('hex');
  const home = asset.objectKey.slice(objects.lifeboat?.prefix.length);
  const objectKey = home.replace(/(\.\w+)$/, `-${own}$1`);
  const verify = new VerifyContent(variant, { announcedBytes: asset.bytes, maxBytes: asset.bytes });
  let damage: unknown;
  verify.on('error', (error) => {
    if (error instanceof ContentError) damage = error;
  });
  try {
    body.on('error', (error) => verify.destroy(error)).pipe(verify);
    await objects.put(objectKey, verify, {
      contentType: asset.contentType,
      metadata: { 'video-id': videoId, 'team-id': asset.teamId, variant },
    });
  } catch (error) {
    ctx.log.warn('lifeboat.not_drained', { videoId, variant, error });
    if (damage !== undefined) return 'left';
    notePutFailed(objects, ctx.timing.storeAwayMs);
    return 'store_failed';
  } finally {
    body.destroy();
  }
  notePutWorked(objects);
  const same = verify.result.sha256 === asset.sha256;
  const recorded =
    same &&
    (await transaction(ctx.db, (tx) => moveAnyAsset(tx, asset, { objectKey, bucket: objects.bucket })));
  await objects.delete(recorded ? asset.objectKey : objectKey);
  if (!same) ctx.log.error('lifeboat.other_bytes', { videoId, variant });
  return recorded ? 'moved' : 'left';
}
