import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import type { ObjectStore } from '../ports.ts';
import { adoptSpooled, listAnySpooledPaths } from './queries/index.ts';
import { VerifyContent } from './verify-content.ts';

/** What is younger than this is somebody's work, in ms. */
const YOUNG_MS = 10 * 60_000;
const PATH = /^v\/[^/]+\/(video_[^/]+)\/video\//;

/**
 * Looks through the spool for files that no row tells of: a worker that dies after the bytes and before the row leaves one. Where its
 * video still waits to be archived the file is as good as any other; the rest is in the way. Resolves to how many it found.
 */
export async function sweepSpool(ctx: WorkerContext, youngMs: number = YOUNG_MS): Promise<number> {
  const { spool } = ctx.ports;
  if (!spool) return 0;
  const known = new Set(await listAnySpooledPaths(ctx.db, spool.volumeId));
  let found = 0;
  for await (const { key, modifiedAt } of spool.store.list('v/')) {
    if (known.has(key) || Date.now() - modifiedAt.getTime() < youngMs) continue;
    found++;
    const [, videoId] = PATH.exec(key) ?? [];
    const content = await verified(spool.store, key);
    const adopted =
      videoId !== undefined &&
      content !== null &&
      (await transaction(ctx.db, (tx) =>
        adoptSpooled(tx, {
          volumeId: spool.volumeId,
          path: key,
          videoId,
          variant: 'video',
          bytes: content.bytes,
          sha256: content.sha256,
        }),
      ));
    if (!adopted) await spool.store.delete(key);
    ctx.log.warn('spool.file_without_row', { videoId, decision: adopted ? 'kept' : 'deleted' });
  }
  return found;
}

/** Null where it is no whole video. */
async function verified(store: ObjectStore, key: string) {
  const found = await store.get(key);
  if (!found) return null;
  const verify = new VerifyContent('video', { maxBytes: Number.POSITIVE_INFINITY });
  try {
    found.body.on('error', (error) => verify.destroy(error)).pipe(verify);
    for await (const _ of verify);
    return verify.result;
  } catch {
    return null;
  } finally {
    found.body.destroy();
  }
}
