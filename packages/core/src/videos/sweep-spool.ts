import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import type { ObjectStore, Spool } from '../ports/index.ts';
import {
  adoptSpooled,
  endSpooled,
  listAnyOwnersOfObjects,
  listAnySpooledOfLost,
  listAnySpooledPaths,
  reviveAnyLost,
} from './queries/index.ts';
import type { VideoState } from './state.ts';
import { VerifyContent } from './verify-content.ts';

/** What is younger than this is somebody's work, in ms. */
const YOUNG_MS = 10 * 60_000;
const PATH = /^v\/[^/]+\/(video_[^/]+)\/video\//;

/** Of videos in these states a file in the spool is what is missing. */
const WANTED: ReadonlySet<string | undefined> = new Set<VideoState>(['archiving', 'content_lost']);

interface Stray {
  readonly key: string;
  readonly videoId: string;
  readonly bytes: number;
}

/**
 * Looks through the spool for files that no row tells of: a worker that dies after the bytes and before the row leaves one, and so
 * does a database that was restored to an earlier moment. Where its video waits to be archived, or was given up as lost, the file is as
 * good as any other;
 * it is removed only once its video is stored or purged, and else left, as it may be the last copy of what was paid for. Resolves to
 * how many it took over or removed.
 */
export async function sweepSpool(ctx: WorkerContext, youngMs: number = YOUNG_MS): Promise<number> {
  const { spool } = ctx.ports;
  if (!spool) return 0;
  const strays = await findStrays(ctx, spool, youngMs);
  const { known, stored } = await listAnyOwnersOfObjects(ctx.db, strays);
  const left: Stray[] = [];
  for (const stray of strays) {
    const { key, videoId } = stray;
    const isOver = stored.has(`${videoId}/video`) || known.get(videoId) === 'purged';
    if (isOver) await spool.store.delete(key);
    else if (!WANTED.has(known.get(videoId)) || !(await adopt(ctx, spool, stray))) {
      left.push(stray);
      continue;
    }
    ctx.log.warn('spool.file_without_row', { videoId, decision: isOver ? 'deleted' : 'kept' });
  }
  if (left.length > 0) {
    ctx.log.warn('spool.files_left', {
      volumeId: spool.volumeId,
      count: left.length,
      totalBytes: left.reduce((sum, { bytes }) => sum + bytes, 0),
      videoIds: left.map(({ videoId }) => videoId),
    });
  }
  await reviveLost(ctx, spool);
  return strays.length - left.length;
}

/** What was given up while this volume was away, or its row was, is archived from it after all. */
async function reviveLost(ctx: WorkerContext, { store, volumeId }: Spool): Promise<void> {
  for (const file of await listAnySpooledOfLost(ctx.db, volumeId)) {
    const isThere = (await store.head(file.path)) !== null;
    const revived = await transaction(ctx.db, async (tx) => {
      if (isThere) return await reviveAnyLost(tx, file.videoId);
      // It would count against the bound of the spool for ever.
      await endSpooled(tx, file);
      return false;
    });
    if (revived) ctx.log.warn('archive.revived', { videoId: file.videoId, volumeId });
  }
}

async function findStrays(ctx: WorkerContext, { store, volumeId }: Spool, youngMs: number): Promise<Stray[]> {
  const recorded = new Set(await listAnySpooledPaths(ctx.db, volumeId));
  const strays: Stray[] = [];
  for await (const { key, bytes, modifiedAt } of store.list('v/')) {
    const [, videoId] = PATH.exec(key) ?? [];
    if (videoId === undefined || recorded.has(key) || Date.now() - modifiedAt.getTime() < youngMs) continue;
    strays.push({ key, videoId, bytes });
  }
  return strays;
}

async function adopt(ctx: WorkerContext, spool: Spool, { key, videoId }: Stray): Promise<boolean> {
  const content = await verified(spool.store, key);
  if (!content) return false;
  const { bytes, sha256 } = content;
  const file = { volumeId: spool.volumeId, path: key, videoId, variant: 'video', bytes, sha256 };
  return await transaction(ctx.db, (tx) => adoptSpooled(tx, file));
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
