import { type Queryable, schema } from '@reelgate/db';
import { and, asc, eq, gt, inArray, type SQL, sql } from 'drizzle-orm';

const { events } = schema;

/** The event and its deliveries, by the one definition that SQL functions use too. */
export async function insertEvent(
  db: Queryable,
  teamId: string,
  event: { type: string; videoId: string | null; data: object },
): Promise<void> {
  await db.execute(
    sql`select from emit_event(${teamId}, ${event.type}, ${event.videoId}, ${JSON.stringify(event.data)}::json)`,
  );
}

/** `position` is its place in what the team is told, from 1. */
export interface EventRow {
  readonly id: string;
  readonly position: number;
  readonly type: string;
  readonly videoId: string | null;
  readonly payload: Buffer;
}

const columns = {
  id: events.id,
  position: sql<number>`${events.position}`.mapWith(Number),
  type: events.type,
  videoId: events.videoId,
  payload: events.payload,
};

/** Gives new events their places. Before each reading, or what is new is not seen. */
export async function numberEvents(db: Queryable, teamId: string): Promise<void> {
  await db.execute(sql`select number_events(${teamId})`);
}

export interface EventFilter {
  readonly videoId?: string | undefined;
  readonly types?: readonly string[] | undefined;
}

function matching(teamId: string, { videoId, types }: EventFilter): SQL | undefined {
  return and(
    eq(events.teamId, teamId),
    videoId === undefined ? undefined : eq(events.videoId, videoId),
    types === undefined ? undefined : inArray(events.type, [...types]),
  );
}

/** Oldest first, from behind a place. */
export async function listEventsAfter(
  db: Queryable,
  teamId: string,
  position: number,
  limit: number,
  filter: EventFilter = {},
): Promise<EventRow[]> {
  return await db
    .select(columns)
    .from(events)
    .where(and(matching(teamId, filter), gt(events.position, position)))
    .orderBy(asc(events.position))
    .limit(limit);
}

/** Newest first unless `asc`, from behind a place. */
export async function listEvents(
  db: Queryable,
  teamId: string,
  page: EventFilter & { after: number | null; order: 'asc' | 'desc'; limit: number },
): Promise<EventRow[]> {
  const direction = sql.raw(page.order);
  const comparison = sql.raw(page.order === 'asc' ? '>' : '<');
  return await db
    .select(columns)
    .from(events)
    .where(
      and(
        matching(teamId, page),
        page.after === null
          ? sql`${events.position} is not null`
          : sql`${events.position} ${comparison} ${page.after}`,
      ),
    )
    .orderBy(sql`${events.position} ${direction}`)
    .limit(page.limit);
}

export async function findEvent(db: Queryable, teamId: string, id: string): Promise<EventRow | null> {
  const [row] = await db
    .select(columns)
    .from(events)
    .where(and(eq(events.id, id), eq(events.teamId, teamId)));
  return row ?? null;
}

/** The place of the newest event that has one; 0 where there is none. */
export async function findLastPosition(db: Queryable, teamId: string): Promise<number> {
  const [row] = await db
    .select({ position: schema.teams.lastEventPosition })
    .from(schema.teams)
    .where(eq(schema.teams.id, teamId));
  return row?.position ?? 0;
}
