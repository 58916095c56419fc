import type { Event, EventType } from '@reelgate/contract';
import { newId, type Queryable } from '@reelgate/db';
import { insertDeliveries, insertEvent } from './queries.ts';

/**
 * Writes an event and one delivery for each endpoint that wants it, in the transaction of the fact itself.
 * Resolves to the ids of the deliveries, to be enqueued after the commit. A terminal event of a video is written once, ever.
 */
export async function emitEvent(
  tx: Queryable,
  input: { teamId: string; videoId: string; type: EventType; occurredAt: Date },
): Promise<string[]> {
  const event: Event = {
    id: newId('event'),
    object: 'event',
    created_at: Math.floor(input.occurredAt.getTime() / 1_000),
    type: input.type,
    data: { id: input.videoId },
  };
  const isNew = await insertEvent(tx, {
    id: event.id,
    teamId: input.teamId,
    videoId: input.videoId,
    type: input.type,
    payload: Buffer.from(JSON.stringify(event)),
    occurredAt: input.occurredAt,
  });
  return isNew ? await insertDeliveries(tx, input.teamId, event, () => newId('delivery')) : [];
}
