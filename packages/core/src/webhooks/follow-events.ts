import type { Database } from '@reelgate/db';
import { getEvent } from './get-event.ts';
import {
  type EventFilter,
  type EventRow,
  findLastPosition,
  listEventsAfter,
  numberEvents,
} from './queries/index.ts';

const PAGE = 100;

export interface EventReader {
  /** The next events, oldest first, at most a hundred; none where there are no new ones yet. */
  next(): Promise<readonly EventRow[]>;
}

/**
 * Reads a team's events one after the other and each once: from behind the event `after`, else from now on, or from the first that is
 * kept. Throws `event_not_found` where `after` is not an event of the team's.
 */
export async function followEvents(
  ctx: { readonly db: Database },
  teamId: string,
  from: { readonly after: string } | 'now' | 'first',
  filter: EventFilter = {},
): Promise<EventReader> {
  let position = 0;
  if (from === 'now') {
    await numberEvents(ctx.db, teamId);
    position = await findLastPosition(ctx.db, teamId);
  } else if (from !== 'first') {
    position = (await getEvent(ctx, teamId, from.after)).position;
  }
  return {
    async next() {
      await numberEvents(ctx.db, teamId);
      const rows = await listEventsAfter(ctx.db, teamId, position, PAGE, filter);
      position = rows.at(-1)?.position ?? position;
      return rows;
    },
  };
}
