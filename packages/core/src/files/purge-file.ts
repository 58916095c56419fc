import { transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import { findAnyDeletedFile, hideAnyOverdueFile, markPurged, postponePurge } from './queries.ts';

/** Between two looks whether the videos that name it have been sent, in ms. */
const LOOK_AGAIN_MS = 30_000;

/** Removes the bytes of a file that was deleted, has expired, or was never wholly stored, once no video needs them any more. */
export async function purgeFile(
  ctx: Pick<ServiceContext, 'db' | 'ports' | 'log'>,
  fileId: string,
): Promise<Outcome> {
  await transaction(ctx.db, (tx) => hideAnyOverdueFile(tx, fileId));
  const file = await findAnyDeletedFile(ctx.db, fileId);
  if (!file) return done;
  if (file.needed) {
    const next = await postponePurge(ctx.db, fileId, LOOK_AGAIN_MS);
    return next ? snooze(next) : done;
  }
  await ctx.ports.objects.delete(file.objectKey);
  await markPurged(ctx.db, fileId);
  ctx.log.info('file.purged', { fileId });
  return done;
}
