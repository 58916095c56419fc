import { type Queryable, schema } from '@reelgate/db';
import { and, asc, eq, isNull, lte, or, sql } from 'drizzle-orm';

const { events, webhookAttempts, webhookDeliveries, webhookEndpoints, webhookSecrets } = schema;

const now = sql`clock_timestamp()`;
const after = (ms: number) => sql`clock_timestamp() + make_interval(secs => ${ms}::double precision / 1000)`;

export type DeliveryRow = typeof webhookDeliveries.$inferSelect;

/** The event and its deliveries, by the one definition that SQL functions use too. None where the video has had this event. */
export async function insertEvent(
  db: Queryable,
  teamId: string,
  event: { type: string; videoId: string | null; data: object },
): Promise<string[]> {
  const { rows } = await db.execute<{ delivery_ids: string[] }>(
    sql`select delivery_ids from emit_event(${teamId}, ${event.type}, ${event.videoId}, ${JSON.stringify(event.data)}::json)`,
  );
  return rows[0]?.delivery_ids ?? [];
}

export async function insertEndpoint(
  db: Queryable,
  teamId: string,
  row: { id: string; url: string; eventTypes: string[]; description: string | null; encryptedSecret: Buffer },
): Promise<void> {
  const { encryptedSecret, ...endpoint } = row;
  await db.insert(webhookEndpoints).values({ ...endpoint, teamId });
  await db.insert(webhookSecrets).values({ endpointId: row.id, encrypted: encryptedSecret });
}

/** Takes the lease of a delivery that is due; null where it is not, or somebody else has it. */
export async function claimAnyDelivery(
  db: Queryable,
  id: string,
  lease: { owner: string; ms: number },
): Promise<DeliveryRow | null> {
  const [row] = await db
    .update(webhookDeliveries)
    .set({
      leaseOwner: lease.owner,
      leaseUntil: after(lease.ms),
      leaseEpoch: sql`${webhookDeliveries.leaseEpoch} + 1`,
      attemptNo: sql`${webhookDeliveries.attemptNo} + 1`,
    })
    .where(
      and(
        eq(webhookDeliveries.id, id),
        eq(webhookDeliveries.state, 'pending'),
        lte(webhookDeliveries.nextAttemptAt, now),
        or(isNull(webhookDeliveries.leaseUntil), lte(webhookDeliveries.leaseUntil, now)),
      ),
    )
    .returning();
  return row ?? null;
}

/** Whether somebody works on a delivery, and when it is due, in ms from now by the database's clock; null for never. */
export async function findAnyDeliveryWait(
  db: Queryable,
  id: string,
): Promise<{ held: boolean; dueInMs: number | null } | null> {
  const [row] = await db
    .select({
      held: sql<boolean>`coalesce(${webhookDeliveries.leaseUntil} > clock_timestamp(), false)`,
      dueInMs: sql<
        number | null
      >`(extract(epoch from ${webhookDeliveries.nextAttemptAt} - clock_timestamp()) * 1000)::double precision`,
    })
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.id, id));
  return row ?? null;
}

/** What an attempt needs: the stored bytes, where to, and every secret that still signs, newest first. */
export async function findAnyDeliveryContent(db: Queryable, delivery: DeliveryRow) {
  const [found] = await db
    .select({ payload: events.payload, url: webhookEndpoints.url, endpointState: webhookEndpoints.state })
    .from(events)
    .innerJoin(webhookEndpoints, eq(webhookEndpoints.id, delivery.endpointId))
    .where(eq(events.id, delivery.eventId));
  if (!found) return null;
  const secrets = await db
    .select({ encrypted: webhookSecrets.encrypted })
    .from(webhookSecrets)
    .where(
      and(
        eq(webhookSecrets.endpointId, delivery.endpointId),
        or(isNull(webhookSecrets.expiresAt), sql`${webhookSecrets.expiresAt} > clock_timestamp()`),
      ),
    )
    .orderBy(sql`${webhookSecrets.id} desc`);
  return { ...found, secrets: secrets.map((row) => row.encrypted) };
}

export interface AttemptRecord {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly outcome: string;
  readonly status: number | null;
  readonly responseHead: string | null;
  readonly resolvedIp: string | null;
}

/** Records an attempt and what follows from it, fenced by the lease: false where the lease was lost. */
export async function finishAttempt(
  db: Queryable,
  delivery: DeliveryRow,
  attempt: AttemptRecord,
  next: { state: 'delivered' | 'exhausted' | 'cancelled' } | { retryInMs: number },
): Promise<{ nextAttemptAt: Date | null } | null> {
  const [row] = await db
    .update(webhookDeliveries)
    .set({
      leaseOwner: null,
      leaseUntil: null,
      ...('state' in next
        ? { state: next.state, nextAttemptAt: null }
        : { nextAttemptAt: after(next.retryInMs) }),
    })
    .where(
      and(
        eq(webhookDeliveries.id, delivery.id),
        eq(webhookDeliveries.state, 'pending'),
        eq(webhookDeliveries.leaseEpoch, delivery.leaseEpoch),
      ),
    )
    .returning({ nextAttemptAt: webhookDeliveries.nextAttemptAt });
  if (!row) return null;
  await db.insert(webhookAttempts).values({ deliveryId: delivery.id, no: delivery.attemptNo, ...attempt });
  return row;
}

/** Success clears an endpoint's record of failure; failure counts. */
export async function recordEndpointHealth(db: Queryable, endpointId: string, ok: boolean): Promise<void> {
  await db
    .update(webhookEndpoints)
    .set(
      ok
        ? { failingSince: null, consecutiveFailures: 0 }
        : {
            failingSince: sql`coalesce(${webhookEndpoints.failingSince}, clock_timestamp())`,
            consecutiveFailures: sql`${webhookEndpoints.consecutiveFailures} + 1`,
          },
    )
    .where(
      and(
        eq(webhookEndpoints.id, endpointId),
        ok ? sql`${webhookEndpoints.consecutiveFailures} > 0` : undefined,
      ),
    );
}

/** Deliveries that are overdue with nothing happening. */
export async function listAnyOverdueDeliveries(
  db: Queryable,
  overdueMs: number,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(
      and(
        lte(
          webhookDeliveries.nextAttemptAt,
          sql`clock_timestamp() - make_interval(secs => ${overdueMs}::double precision / 1000)`,
        ),
        or(isNull(webhookDeliveries.leaseUntil), lte(webhookDeliveries.leaseUntil, now)),
      ),
    )
    .orderBy(asc(webhookDeliveries.nextAttemptAt))
    .limit(limit);
  return rows.map((row) => row.id);
}
