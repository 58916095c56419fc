import type { ServiceContext } from '../context.ts';
import { listAnyOwnersOfObjects } from './queries/index.ts';

const BATCH = 500;
/** Puts that began longer ago than this do not end any more, in ms. */
const UNFINISHED_MS = 24 * 60 * 60_000;
/** Whose bytes may still be on their way. */
const UNDER_WAY = new Set(['accepted', 'submitting', 'unknown', 'rendering', 'archiving']);
const KEY = /^(?:lifeboat\/)?([uv])\/[^/]+\/(video_[^/]+)\/([^/]+)/;
/** Who can have no bytes of a video any more. */
const WITHOUT_BYTES = new Set(['failed', 'purged']);

interface Candidate {
  readonly key: string;
  readonly videoId: string;
  readonly upload: boolean;
  readonly variant: string;
}

/**
 * Deletes objects that no row refers to and that are older than the grace, and puts that never ended. A finished video is only deleted
 * where its row says that it is stored elsewhere, or gone; one without a row is left alone and reported: that is what a database looks
 * like that was restored to an earlier moment.
 */
export async function collectGarbage(ctx: ServiceContext): Promise<number> {
  const { objects } = ctx.ports;
  const { lifeboat } = objects;
  const prefixes = ['u/', 'v/', ...(lifeboat ? [`${lifeboat.prefix}v/`] : [])];
  const oldest = Date.now() - ctx.timing.garbageGraceMs;
  let deleted = 0;
  for (const prefix of prefixes) {
    let batch: Candidate[] = [];
    for await (const { key, modifiedAt } of objects.list(prefix)) {
      const [, kind, videoId, variant] = KEY.exec(key) ?? [];
      if (videoId === undefined || variant === undefined || modifiedAt.getTime() > oldest) continue;
      batch.push({ key, videoId, variant, upload: kind === 'u' });
      if (batch.length < BATCH) continue;
      deleted += await deleteUnreferenced(ctx, batch);
      batch = [];
    }
    deleted += await deleteUnreferenced(ctx, batch);
  }
  const unfinished = await objects.removeUnfinished(UNFINISHED_MS);
  return deleted + unfinished;
}

async function deleteUnreferenced(ctx: ServiceContext, batch: readonly Candidate[]): Promise<number> {
  if (batch.length === 0) return 0;
  const { known, referenced, stored } = await listAnyOwnersOfObjects(ctx.db, batch);
  let deleted = 0;
  for (const { key, videoId, variant, upload } of batch) {
    const state = known.get(videoId);
    if (referenced.has(key) || (state !== undefined && UNDER_WAY.has(state))) continue;
    const replaced = stored.has(`${videoId}/${variant}`);
    if (!upload && !replaced && !(state !== undefined && WITHOUT_BYTES.has(state))) {
      ctx.log.error('object.without_row', { videoId, variant, state: state ?? 'none' });
      continue;
    }
    await ctx.ports.objects.delete(key);
    deleted++;
  }
  return deleted;
}
