import type { VideoEventType } from '@reelgate/contract';
import type { Queryable } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { hintDeliveries } from '../hint.ts';
import { emitEvent } from '../webhooks/index.ts';
import type { VideoRow } from './queries/index.ts';

type Row = Pick<VideoRow, 'id' | 'teamId' | 'deleteRequestedAt'>;

/** Tells what became of a video, in the transaction of the fact. */
export async function emitVideoEvent(
  ctx: Pick<ServiceContext, 'ports' | 'log'>,
  tx: Queryable,
  afterCommit: (effect: () => unknown) => void,
  row: Omit<Row, 'deleteRequestedAt'>,
  type: VideoEventType,
): Promise<void> {
  const deliveries = await emitEvent(tx, { teamId: row.teamId, videoId: row.id, type });
  if (deliveries.length > 0) afterCommit(() => hintDeliveries(ctx, deliveries));
}

/** Nobody is told of a video that its owner has deleted, or never had: it would only send them to a 404. */
export async function emitUnlessDeleted(
  ctx: Pick<ServiceContext, 'ports' | 'log'>,
  tx: Queryable,
  afterCommit: (effect: () => unknown) => void,
  row: Row,
  type: VideoEventType,
): Promise<void> {
  if (!row.deleteRequestedAt) await emitVideoEvent(ctx, tx, afterCommit, row, type);
}
