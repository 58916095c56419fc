import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { VARIANTS } from '@reelgate/contract';
import type { ServiceContext } from '../context.ts';
import { insertRebuiltAsset, listAnyOwnersOfObjects } from './queries/index.ts';
import { VerifyContent } from './verify-content.ts';

/** Whose bytes are worth a row. */
const WANTED = new Set(['archiving', 'stored', 'partly_stored']);

export interface Rebuilt {
  readonly objects: number;
  readonly rebuilt: number;
  /** Objects of videos that have no row: what to adopt, or to restore a later backup for. */
  readonly unknown: number;
  readonly damaged: number;
}

/**
 * Writes the rows of stored files again from the store alone, where they are missing: each object says whose it is, and its bytes are
 * read and verified as when they were stored. Changes no row that is there. Safe to repeat, and beside everything else.
 */
export async function rebuildAssets(ctx: Pick<ServiceContext, 'db' | 'ports' | 'log'>): Promise<Rebuilt> {
  const { objects } = ctx.ports;
  const counts = { objects: 0, rebuilt: 0, unknown: 0, damaged: 0 };
  for (const prefix of ['v/', ...(objects.lifeboat ? [`${objects.lifeboat.prefix}v/`] : [])]) {
    for await (const { key, bytes } of objects.list(prefix)) {
      counts.objects++;
      const head = await objects.head(key);
      const videoId = head?.metadata['video-id'];
      const variant = VARIANTS.find((known) => known === head?.metadata.variant);
      if (!head || videoId === undefined || !variant) continue;
      const { known, referenced } = await listAnyOwnersOfObjects(ctx.db, [{ key, videoId }]);
      const state = known.get(videoId);
      if (state === undefined) counts.unknown++;
      if (referenced.has(key) || state === undefined || !WANTED.has(state)) continue;
      const found = await objects.get(key);
      if (!found) continue;
      const verify = new VerifyContent(variant, { announcedBytes: bytes, maxBytes: bytes });
      try {
        await pipeline(found.body, verify, new Writable({ write: (_chunk, _encoding, done) => done() }));
      } catch (error) {
        counts.damaged++;
        ctx.log.error('assets.damaged', { videoId, variant, error });
        continue;
      }
      const bucket = key.startsWith('v/') ? objects.bucket : (objects.lifeboat?.bucket ?? objects.bucket);
      const written = await insertRebuiltAsset(ctx.db, videoId, {
        variant,
        bucket,
        objectKey: key,
        ...verify.result,
      });
      if (written) counts.rebuilt++;
    }
  }
  return counts;
}
