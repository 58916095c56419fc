import type { Database } from '@reelgate/db';
import { eventNotFound } from './list-events.ts';
import { type EventRow, findEvent, numberEvents } from './queries/index.ts';

/** Throws `event_not_found`. */
export async function getEvent(
  ctx: { readonly db: Database },
  teamId: string,
  id: string,
): Promise<EventRow> {
  await numberEvents(ctx.db, teamId);
  const row = await findEvent(ctx.db, teamId, id);
  if (!row) throw eventNotFound(id);
  return row;
}
