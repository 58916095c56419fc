import type { Database } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { type EventFilter, type EventRow, findEvent, listEvents, numberEvents } from './queries/index.ts';

/** One page of what a team was told. Throws `event_not_found` where `after` is not an event of the team's. */
export async function listTeamEvents(
  ctx: { readonly db: Database },
  teamId: string,
  page: EventFilter & {
    readonly after?: string | undefined;
    readonly order: 'asc' | 'desc';
    readonly limit: number;
  },
): Promise<{ readonly data: readonly EventRow[]; readonly hasMore: boolean }> {
  await numberEvents(ctx.db, teamId);
  const after = page.after === undefined ? null : await findEvent(ctx.db, teamId, page.after);
  if (page.after !== undefined && after === null) throw eventNotFound(page.after);
  const rows = await listEvents(ctx.db, teamId, {
    ...page,
    after: after === null ? null : after.position,
    limit: page.limit + 1,
  });
  return { data: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}

export function eventNotFound(id: string): ReelgateError {
  return new ReelgateError(
    'event_not_found',
    `There is no event '${id.slice(0, 80)}'. Events are kept for a while only.`,
  );
}
