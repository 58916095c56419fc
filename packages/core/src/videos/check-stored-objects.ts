import { newId } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import { listAnyStoredFrom, noteAnyVerified } from './queries/index.ts';
import { ContentError, VerifyContent } from './verify-content.ts';

/** Objects of one turn, and when it ends before that, in bytes. */
const SAMPLE = 20;
const SAMPLE_BYTES = 2 * 1024 ** 3;

/**
 * Reads a few stored objects, one after the other, and compares them with what their rows say: a store that has lost or changed bytes
 * would tell nobody. Each turn begins at another place, because ids have no order. Resolves to how many it has read.
 */
export async function checkStoredObjects(ctx: WorkerContext, from: string = newId('video')): Promise<number> {
  let objects = 0;
  let bytes = 0;
  for (const asset of await listAnyStoredFrom(ctx.db, from, SAMPLE)) {
    if (bytes > SAMPLE_BYTES || ctx.givingUp?.aborted) break;
    const found = await hashOf(ctx, asset);
    objects++;
    bytes += asset.bytes;
    const same = found === asset.sha256;
    // Where it has been moved or deleted meanwhile, nothing is wrong.
    const current = await noteAnyVerified(ctx.db, asset, same);
    if (same || !current) continue;
    ctx.log.error(found === null ? 'object.missing' : 'object.corrupted', {
      videoId: asset.videoId,
      variant: asset.variant,
      bucket: asset.bucket,
    });
  }
  return objects;
}

/** Null where it is not there. Throws where the store could not be read. */
async function hashOf(
  ctx: WorkerContext,
  asset: Awaited<ReturnType<typeof listAnyStoredFrom>>[number],
): Promise<string | null> {
  const found = await ctx.ports.objects.get(
    asset.objectKey,
    ctx.givingUp ? { signal: ctx.givingUp } : undefined,
  );
  if (!found) return null;
  const verify = new VerifyContent(asset.variant, { maxBytes: asset.bytes });
  try {
    found.body.on('error', (error) => verify.destroy(error)).pipe(verify);
    for await (const _ of verify);
    return verify.result.sha256;
  } catch (error) {
    if (error instanceof ContentError) return 'other bytes';
    throw error;
  } finally {
    found.body.destroy();
  }
}
