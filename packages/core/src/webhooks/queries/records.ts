/** What was sent, for people to look at and to send again. */
import { ms, type Queryable, schema } from '@reelgate/db';
import { and, asc, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { EndpointOwner } from './endpoints.ts';

const { events, webhookAttempts, webhookDeliveries } = schema;

export type DeliveryState = (typeof webhookDeliveries.$inferSelect)['state'];
export type AttemptRow = typeof webhookAttempts.$inferSelect;

export const deliveryColumns = {
  id: webhookDeliveries.id,
  endpointId: webhookDeliveries.endpointId,
  teamId: webhookDeliveries.teamId,
  eventId: webhookDeliveries.eventId,
  eventType: events.type,
  videoId: events.videoId,
  state: webhookDeliveries.state,
  attempts: webhookDeliveries.attemptNo,
  nextAttemptAt: webhookDeliveries.nextAttemptAt,
  replayOf: webhookDeliveries.replayOf,
  createdAt: webhookDeliveries.createdAt,
  lastOutcome: sql<string | null>`last.outcome`,
  lastStatus: sql<number | null>`last.status`,
};

export const lastAttempt = sql`lateral (
  select a.outcome, a.status from webhook_attempts a where a.delivery_id = ${webhookDeliveries.id} order by a.no desc limit 1) as last`;

export interface DeliveryView {
  readonly id: string;
  readonly endpointId: string;
  /** Null where it is about the organization itself. */
  readonly teamId: string | null;
  readonly eventId: string;
  readonly eventType: string;
  readonly videoId: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly replayOf: string | null;
  readonly createdAt: Date;
  readonly lastOutcome: string | null;
  readonly lastStatus: number | null;
}

/** Of an endpoint that the caller has made sure of; newest first, from behind the delivery `after`. */
export async function listDeliveries(
  db: Queryable,
  endpointId: string,
  page: { after?: string | undefined; limit: number; state?: DeliveryState | undefined },
): Promise<DeliveryView[]> {
  return await db
    .select(deliveryColumns)
    .from(webhookDeliveries)
    .innerJoin(events, eq(events.id, webhookDeliveries.eventId))
    .leftJoin(lastAttempt, sql`true`)
    .where(
      and(
        eq(webhookDeliveries.endpointId, endpointId),
        page.state === undefined ? undefined : eq(webhookDeliveries.state, page.state),
        page.after === undefined
          ? undefined
          : sql`(${webhookDeliveries.createdAt}, ${webhookDeliveries.id}) < (
              select c.created_at, c.id from webhook_deliveries c where c.id = ${page.after} and c.endpoint_id = ${endpointId})`,
      ),
    )
    .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id))
    .limit(page.limit);
}

const toOwner = (owner: EndpointOwner): SQL | undefined =>
  sql`${webhookDeliveries.endpointId} in (
    select e.id from webhook_endpoints e where e.team_id is not distinct from ${owner})`;

export async function findDelivery(
  db: Queryable,
  owner: EndpointOwner,
  id: string,
): Promise<(DeliveryView & { payload: Buffer }) | null> {
  const [row] = await db
    .select({ ...deliveryColumns, payload: events.payload })
    .from(webhookDeliveries)
    .innerJoin(events, eq(events.id, webhookDeliveries.eventId))
    .leftJoin(lastAttempt, sql`true`)
    .where(and(eq(webhookDeliveries.id, id), toOwner(owner)));
  return row ?? null;
}

export async function listAnyAttempts(db: Queryable, deliveryId: string): Promise<AttemptRow[]> {
  return await db
    .select()
    .from(webhookAttempts)
    .where(eq(webhookAttempts.deliveryId, deliveryId))
    .orderBy(asc(webhookAttempts.no));
}

/** False where the endpoint is off. */
export async function repeatAnyDelivery(db: Queryable, id: string, repeatId: string): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    insert into webhook_deliveries (id, event_id, endpoint_id, team_id, url, replay_of, next_attempt_at)
    select ${repeatId}, d.event_id, d.endpoint_id, d.team_id, d.url, coalesce(d.replay_of, d.id), clock_timestamp()
      from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id and e.state = 'enabled'
     where d.id = ${id}`);
  if (rowCount === 0) return false;
  await wakeDeliverers(db);
  return true;
}

/** The first deliveries of events since then that have ended without reaching the endpoint, or also those that have; but of none that is on its way again. */
const fromFailed = (endpointId: string, since: Date, onlyFailed: boolean) => sql`
  from webhook_deliveries d join events v on v.id = d.event_id
 where d.endpoint_id = ${endpointId} and d.replay_of is null and d.state <> 'pending'
   and (d.state <> 'delivered' or not ${onlyFailed}::boolean)
   and v.occurred_at >= ${since.toISOString()}::timestamptz
   and not exists (select from webhook_deliveries r
                    where r.event_id = d.event_id and r.endpoint_id = d.endpoint_id
                      and (r.state = 'pending' or (r.state = 'delivered' and ${onlyFailed}::boolean)))`;

/** How many `repeatAnyFailed` would repeat without a limit. */
export async function countAnyFailed(
  db: Queryable,
  endpointId: string,
  since: Date,
  onlyFailed: boolean,
): Promise<number> {
  const { rows } = await db.execute<{ count: number }>(
    sql`select count(*)::int as count ${fromFailed(endpointId, since, onlyFailed)}`,
  );
  return rows[0]?.count ?? 0;
}

/** The oldest first. Resolves to how many. */
export async function repeatAnyFailed(
  db: Queryable,
  endpointId: string,
  since: Date,
  onlyFailed: boolean,
  limit: number,
): Promise<number> {
  const { rowCount } = await db.execute(sql`
    insert into webhook_deliveries (id, event_id, endpoint_id, team_id, url, replay_of, next_attempt_at)
    select 'dlv_' || replace(gen_random_uuid()::text, '-', ''), d.event_id, d.endpoint_id, d.team_id, d.url, d.id, clock_timestamp()
      ${fromFailed(endpointId, since, onlyFailed)} order by d.created_at limit ${limit}`);
  if (rowCount) await wakeDeliverers(db);
  return rowCount ?? 0;
}

async function wakeDeliverers(db: Queryable): Promise<void> {
  await db.execute(sql`select pg_notify('deliveries', '')`);
}

/** Resolves to how many events are gone. */
export async function deleteAnyOldEvents(db: Queryable, keptMs: number, limit: number): Promise<number> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select v.id from events v
     where v.occurred_at < clock_timestamp() - ${ms(keptMs)}
       and not exists (select from webhook_deliveries d where d.event_id = v.id and d.next_attempt_at is not null)
     order by v.occurred_at limit ${limit} for update skip locked`);
  if (rows.length === 0) return 0;
  const ids = sql`(select jsonb_array_elements_text(${JSON.stringify(rows.map(({ id }) => id))}::jsonb))`;
  await db.execute(sql`
    delete from webhook_attempts a using webhook_deliveries d where a.delivery_id = d.id and d.event_id in ${ids}`);
  await db.execute(sql`delete from webhook_deliveries d where d.event_id in ${ids}`);
  await db.execute(sql`delete from events v where v.id in ${ids}`);
  return rows.length;
}
