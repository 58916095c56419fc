import { after, now, type Queryable, schema } from '@reelgate/db';
import { and, desc, eq, isNull, type SQL, sql } from 'drizzle-orm';

const { webhookEndpoints, webhookSecrets } = schema;

/** The team an endpoint belongs to; null for the organization's own, which is told of every team. */
export type EndpointOwner = string | null;

export type EndpointRow = Omit<typeof webhookEndpoints.$inferSelect, 'pacedUntil' | 'deletedAt'> & {
  /** Of the newest secret. */
  readonly secretHint: string | null;
};

/** What stands for the hosts of single videos is signed with the secret of its team. */
export const secretsOfEndpoint = sql`(s.endpoint_id = webhook_endpoints.id
  or (webhook_endpoints.kind = 'video' and s.team_id = webhook_endpoints.team_id))`;

export const endpointColumns = {
  id: webhookEndpoints.id,
  teamId: webhookEndpoints.teamId,
  kind: webhookEndpoints.kind,
  url: webhookEndpoints.url,
  eventTypes: webhookEndpoints.eventTypes,
  state: webhookEndpoints.state,
  failingSince: webhookEndpoints.failingSince,
  consecutiveFailures: webhookEndpoints.consecutiveFailures,
  consecutiveTimeouts: webhookEndpoints.consecutiveTimeouts,
  deliveredAt: webhookEndpoints.deliveredAt,
  name: webhookEndpoints.name,
  createdAt: webhookEndpoints.createdAt,
  updatedAt: webhookEndpoints.updatedAt,
  secretHint: sql<string | null>`(
    select s.hint from webhook_secrets s where ${secretsOfEndpoint} order by s.id desc limit 1)`,
};

const ownedBy = (owner: EndpointOwner): SQL | undefined =>
  and(
    owner === null ? isNull(webhookEndpoints.teamId) : eq(webhookEndpoints.teamId, owner),
    isNull(webhookEndpoints.deletedAt),
  );

const ofOwner = (owner: EndpointOwner, id: string) => and(eq(webhookEndpoints.id, id), ownedBy(owner));

export async function insertEndpoint(
  db: Queryable,
  owner: EndpointOwner,
  row: { id: string; kind: EndpointRow['kind']; url: string; eventTypes: string[]; name: string | null },
): Promise<boolean> {
  const rows = await db
    .insert(webhookEndpoints)
    .values({ ...row, teamId: owner })
    .onConflictDoNothing()
    .returning({ id: webhookEndpoints.id });
  return rows.length === 1;
}

export async function countEndpoints(
  db: Queryable,
  owner: EndpointOwner,
  kind: EndpointRow['kind'],
): Promise<number> {
  return await db.$count(webhookEndpoints, and(ownedBy(owner), eq(webhookEndpoints.kind, kind)));
}

/** Null where it does not exist, is deleted, or is somebody else's: a caller cannot tell which. */
export async function findEndpoint(
  db: Queryable,
  owner: EndpointOwner,
  id: string,
): Promise<EndpointRow | null> {
  const [row] = await db.select(endpointColumns).from(webhookEndpoints).where(ofOwner(owner, id));
  return row ?? null;
}

/** Keeps others from changing it until the transaction is over. False where it is not there. */
export async function lockEndpoint(db: Queryable, owner: EndpointOwner, id: string): Promise<boolean> {
  const rows = await db
    .select({ id: webhookEndpoints.id })
    .from(webhookEndpoints)
    .where(ofOwner(owner, id))
    .for('no key update');
  return rows.length === 1;
}

/** Newest first, from behind the endpoint `after`. */
export async function listEndpoints(
  db: Queryable,
  owner: EndpointOwner,
  page: { after: string | undefined; limit: number },
): Promise<EndpointRow[]> {
  return await db
    .select(endpointColumns)
    .from(webhookEndpoints)
    .where(
      and(
        ownedBy(owner),
        page.after === undefined
          ? undefined
          : sql`(${webhookEndpoints.createdAt}, ${webhookEndpoints.id}) < (
              select c.created_at, c.id from webhook_endpoints c
               where c.id = ${page.after} and c.team_id is not distinct from ${owner})`,
      ),
    )
    .orderBy(desc(webhookEndpoints.createdAt), desc(webhookEndpoints.id))
    .limit(page.limit);
}

export interface EndpointPatch {
  readonly name?: string | null | undefined;
  readonly url?: string | undefined;
  readonly eventTypes?: readonly string[] | undefined;
  readonly state?: EndpointRow['state'] | undefined;
}

/** One that is switched on again begins without a past. */
export async function updateEndpoint(
  db: Queryable,
  owner: EndpointOwner,
  id: string,
  patch: EndpointPatch,
): Promise<void> {
  const { name, url, eventTypes, state } = patch;
  await db
    .update(webhookEndpoints)
    .set({
      ...(name === undefined ? {} : { name }),
      ...(url === undefined ? {} : { url, ...untried }),
      ...(eventTypes === undefined ? {} : { eventTypes: [...eventTypes] }),
      ...(state === undefined ? {} : { state }),
      ...(state === 'enabled' ? untried : {}),
      updatedAt: now,
    })
    .where(ofOwner(owner, id));
}

const untried = {
  failingSince: null,
  consecutiveFailures: 0,
  consecutiveTimeouts: 0,
  deliveredAt: null,
  pacedUntil: null,
};

/** Its secrets go at once; what was sent to it stays on record. */
export async function deleteEndpoint(db: Queryable, owner: EndpointOwner, id: string): Promise<boolean> {
  const rows = await db
    .update(webhookEndpoints)
    .set({ state: 'disabled_user', deletedAt: now, updatedAt: now })
    .where(ofOwner(owner, id))
    .returning({ id: webhookEndpoints.id });
  if (rows.length === 0) return false;
  await db.delete(webhookSecrets).where(eq(webhookSecrets.endpointId, id));
  return true;
}

export async function touchAnyEndpoint(db: Queryable, id: string): Promise<void> {
  await db.update(webhookEndpoints).set({ updatedAt: now }).where(eq(webhookEndpoints.id, id));
}

/** What an attempt says of its endpoint. */
export interface Reached {
  readonly ok: boolean;
  readonly timedOut: boolean;
  /** Leave it alone for so many ms. */
  readonly pauseMs: number;
}

/**
 * Success clears an endpoint's record of failure; failure counts. Answers how long and how often it has failed in a row; null where
 * it is off already.
 */
export async function recordAnyHealth(
  db: Queryable,
  endpointId: string,
  { ok, timedOut, pauseMs }: Reached,
): Promise<{ failures: number; failingMs: number } | null> {
  const [row] = await db
    .update(webhookEndpoints)
    .set(
      ok
        ? { failingSince: null, consecutiveFailures: 0, consecutiveTimeouts: 0, deliveredAt: now }
        : {
            failingSince: sql`coalesce(${webhookEndpoints.failingSince}, clock_timestamp())`,
            consecutiveFailures: sql`${webhookEndpoints.consecutiveFailures} + 1`,
            consecutiveTimeouts: timedOut ? sql`${webhookEndpoints.consecutiveTimeouts} + 1` : 0,
            ...(pauseMs === 0
              ? {}
              : {
                  pacedUntil: sql`greatest(${webhookEndpoints.pacedUntil}, ${after(pauseMs)})`,
                }),
          },
    )
    .where(
      and(
        eq(webhookEndpoints.id, endpointId),
        eq(webhookEndpoints.state, 'enabled'),
        ok
          ? sql`(${webhookEndpoints.consecutiveFailures} > 0 or ${webhookEndpoints.deliveredAt} is null
                 or ${webhookEndpoints.deliveredAt} < clock_timestamp() - interval '1 minute')`
          : undefined,
      ),
    )
    .returning({
      failures: webhookEndpoints.consecutiveFailures,
      failingMs: sql<number>`coalesce(extract(epoch from clock_timestamp() - ${webhookEndpoints.failingSince}) * 1000, 0)::double precision`,
    });
  return row ?? null;
}

/** Answers whose it was; undefined where it is off already. */
export async function disableAnyEndpoint(db: Queryable, id: string): Promise<EndpointOwner | undefined> {
  const [row] = await db
    .update(webhookEndpoints)
    .set({ state: 'disabled_auto', updatedAt: now })
    .where(and(eq(webhookEndpoints.id, id), eq(webhookEndpoints.state, 'enabled')))
    .returning({ teamId: webhookEndpoints.teamId });
  return row?.teamId;
}
