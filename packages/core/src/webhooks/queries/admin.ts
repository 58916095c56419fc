/** What administrators look at: endpoints and deliveries of every team in their scope. */
import { type Queryable, schema } from '@reelgate/db';
import { and, desc, eq, gte, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { type EndpointOwner, type EndpointRow, endpointColumns, secretsOfEndpoint } from './endpoints.ts';
import { type DeliveryState, type DeliveryView, deliveryColumns, lastAttempt } from './records.ts';

const { events, teams, webhookDeliveries, webhookEndpoints } = schema;

/** The organization's own endpoints are for those alone who may see every team. */
const inScope = (scope: TeamScope): SQL | undefined =>
  scope === 'all' ? undefined : inArray(webhookEndpoints.teamId, [...scope]);

export type EndpointView = EndpointRow & {
  readonly teamName: string | null;
  readonly deliveries: number;
  readonly failures: number;
  readonly p95Ms: number | null;
  readonly rotatingUntil: Date | null;
};

const lastDay = sql`lateral (
  select count(distinct d.id)::int as deliveries, count(*) filter (where a.outcome <> 'delivered')::int as failures,
         percentile_cont(0.95) within group (order by a.duration_ms)::int as p95_ms
    from webhook_deliveries d join webhook_attempts a on a.delivery_id = d.id
   where d.endpoint_id = ${webhookEndpoints.id} and d.created_at > clock_timestamp() - interval '4 days'
     and a.started_at > clock_timestamp() - interval '24 hours') as last_day`;

/** Newest first, from behind the endpoint `after`. */
export async function listEndpointViews(
  db: Queryable,
  scope: TeamScope,
  filter: {
    id?: string | undefined;
    teamId?: string | undefined;
    states?: readonly EndpointRow['state'][] | undefined;
  },
  page: { after: string | null; limit: number },
): Promise<EndpointView[]> {
  return await db
    .select({
      ...endpointColumns,
      teamName: teams.name,
      deliveries: sql<number>`last_day.deliveries`,
      failures: sql<number>`last_day.failures`,
      p95Ms: sql<number | null>`last_day.p95_ms`,
      rotatingUntil: sql<Date | null>`(
        select max(s.expires_at) from webhook_secrets s
         where ${secretsOfEndpoint} and s.expires_at > clock_timestamp())`.mapWith(
        webhookEndpoints.createdAt,
      ),
    })
    .from(webhookEndpoints)
    .leftJoin(teams, eq(teams.id, webhookEndpoints.teamId))
    .innerJoin(lastDay, sql`true`)
    .where(
      and(
        inScope(scope),
        isNull(webhookEndpoints.deletedAt),
        filter.id === undefined ? undefined : eq(webhookEndpoints.id, filter.id),
        filter.teamId === undefined ? undefined : eq(webhookEndpoints.teamId, filter.teamId),
        filter.states === undefined ? undefined : inArray(webhookEndpoints.state, [...filter.states]),
        page.after === null
          ? undefined
          : sql`(${webhookEndpoints.createdAt}, ${webhookEndpoints.id}) < (
              select c.created_at, c.id from webhook_endpoints c where c.id = ${page.after})`,
      ),
    )
    .orderBy(desc(webhookEndpoints.createdAt), desc(webhookEndpoints.id))
    .limit(page.limit);
}

/** Undefined where there is no such endpoint in the scope. */
export async function findEndpointOwner(
  db: Queryable,
  scope: TeamScope,
  id: string,
): Promise<EndpointOwner | undefined> {
  const [row] = await db
    .select({ teamId: webhookEndpoints.teamId })
    .from(webhookEndpoints)
    .where(and(eq(webhookEndpoints.id, id), inScope(scope)));
  return row?.teamId;
}

export type ScopedDelivery = DeliveryView & {
  readonly endpointUrl: string;
  readonly teamName: string | null;
};

export interface DeliveryFilter {
  readonly id?: string | undefined;
  readonly teamId?: string | undefined;
  readonly endpointId?: string | undefined;
  readonly videoId?: string | undefined;
  readonly eventType?: string | undefined;
  readonly states?: readonly DeliveryState[] | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** Newest first, from behind the delivery `after`. */
export async function listScopedDeliveries(
  db: Queryable,
  scope: TeamScope,
  filter: DeliveryFilter,
  page: { after: string | null; limit: number },
): Promise<ScopedDelivery[]> {
  const { id, teamId, endpointId, videoId, eventType, states, from, to } = filter;
  return await db
    .select({
      ...deliveryColumns,
      endpointUrl: sql<string>`coalesce(${webhookDeliveries.url}, ${webhookEndpoints.url})`,
      teamName: teams.name,
    })
    .from(webhookDeliveries)
    .innerJoin(events, eq(events.id, webhookDeliveries.eventId))
    .innerJoin(webhookEndpoints, eq(webhookEndpoints.id, webhookDeliveries.endpointId))
    .leftJoin(teams, eq(teams.id, webhookDeliveries.teamId))
    .leftJoin(lastAttempt, sql`true`)
    .where(
      and(
        inScope(scope),
        id === undefined ? undefined : eq(webhookDeliveries.id, id),
        teamId === undefined ? undefined : eq(webhookDeliveries.teamId, teamId),
        endpointId === undefined ? undefined : eq(webhookDeliveries.endpointId, endpointId),
        videoId === undefined ? undefined : eq(events.videoId, videoId),
        eventType === undefined ? undefined : eq(events.type, eventType),
        states === undefined ? undefined : inArray(webhookDeliveries.state, [...states]),
        from === undefined ? undefined : gte(webhookDeliveries.createdAt, from),
        to === undefined ? undefined : lt(webhookDeliveries.createdAt, to),
        page.after === null
          ? undefined
          : sql`(${webhookDeliveries.createdAt}, ${webhookDeliveries.id}) < (
              select c.created_at, c.id from webhook_deliveries c where c.id = ${page.after})`,
      ),
    )
    .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id))
    .limit(page.limit);
}
