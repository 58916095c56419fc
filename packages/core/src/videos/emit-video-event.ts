import type { VideoEventType } from '@reelgate/contract';
import type { Queryable } from '@reelgate/db';
import { emitEvent } from '../webhooks/index.ts';
import type { VideoRow } from './queries/index.ts';

/** Tells what became of a video, in the transaction of the fact. */
export async function emitVideoEvent(
  tx: Queryable,
  row: Pick<VideoRow, 'id' | 'teamId'>,
  type: VideoEventType,
): Promise<void> {
  await emitEvent(tx, { teamId: row.teamId, videoId: row.id, type });
}

/** Nobody is told of a video that its owner has deleted, or never had: it would only send them to a 404. */
export async function emitUnlessDeleted(
  tx: Queryable,
  row: Pick<VideoRow, 'id' | 'teamId' | 'deleteRequestedAt'>,
  type: VideoEventType,
): Promise<void> {
  if (!row.deleteRequestedAt) await emitVideoEvent(tx, row, type);
}
