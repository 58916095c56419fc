import { type Queryable, schema } from '@reelgate/db';
import { and, eq, isNull, sql } from 'drizzle-orm';

const { organizations, quotaLimits } = schema;

export type LimitRow = typeof quotaLimits.$inferSelect;
export type QuotaMetric = LimitRow['metric'];
export type QuotaWindow = LimitRow['window'];
export type QuotaScope = LimitRow['scopeKind'];

/** What no two limits in force have in common. */
export type LimitIdentity = Pick<
  LimitRow,
  'scopeKind' | 'scopeId' | 'metric' | 'window' | 'spanSeconds' | 'model' | 'tags'
>;
/** What can be changed about a limit. */
export type LimitTerms = Pick<LimitRow, 'hard' | 'soft' | 'thresholds'>;

/** From here to the end of the transaction nobody reserves, settles or releases: what is accepted before is seen, what comes after is bound. */
export async function closeGate(tx: Queryable): Promise<void> {
  await tx.execute(sql`select quota_gate_alone()`);
}

/** The limit in force of this identity, or null. */
export async function findLimit(db: Queryable, identity: LimitIdentity): Promise<LimitRow | null> {
  const [row] = await db
    .select()
    .from(quotaLimits)
    .where(
      and(
        eq(quotaLimits.scopeKind, identity.scopeKind),
        eq(quotaLimits.scopeId, identity.scopeId),
        eq(quotaLimits.metric, identity.metric),
        eq(quotaLimits.window, identity.window),
        eq(quotaLimits.spanSeconds, identity.spanSeconds),
        identity.model === null ? isNull(quotaLimits.model) : eq(quotaLimits.model, identity.model),
        sql`${quotaLimits.tags} = ${JSON.stringify(identity.tags)}::jsonb`,
        isNull(quotaLimits.retiredAt),
      ),
    );
  return row ?? null;
}

export async function findLimitById(db: Queryable, id: string): Promise<LimitRow | null> {
  const [row] = await db
    .select()
    .from(quotaLimits)
    .where(and(eq(quotaLimits.id, id), isNull(quotaLimits.retiredAt)));
  return row ?? null;
}

/** Only behind a closed gate. */
export async function retireLimit(tx: Queryable, id: string): Promise<void> {
  await tx
    .update(quotaLimits)
    .set({ retiredAt: sql`clock_timestamp()`, version: sql`${quotaLimits.version} + 1` })
    .where(eq(quotaLimits.id, id));
}

/** In the organization's time zone. Only behind a closed gate, and then put in force. */
export async function insertLimit(
  tx: Queryable,
  row: LimitIdentity & LimitTerms & { id: string; updatedBy: string | null },
): Promise<LimitRow> {
  const timeZone = sql`coalesce((select ${organizations.timeZone} from ${organizations}), 'UTC')`;
  const [inserted] = await tx
    .insert(quotaLimits)
    .values({ ...row, timeZone })
    .returning();
  if (!inserted) throw new Error('an insert that returns nothing');
  return inserted;
}

/** Only behind a closed gate, and then put in force. */
export async function updateLimit(
  tx: Queryable,
  id: string,
  patch: LimitTerms & { updatedBy: string | null },
): Promise<LimitRow> {
  const [updated] = await tx
    .update(quotaLimits)
    .set({ ...patch, version: sql`${quotaLimits.version} + 1`, updatedAt: sql`clock_timestamp()` })
    .where(eq(quotaLimits.id, id))
    .returning();
  if (!updated) throw new Error('the limit was there a moment ago');
  return updated;
}

/**
 * Makes the open period of a limit what the limit and its grants say. A new limit begins with what was spent in its period before.
 * A limit below what is used refuses new videos and ends nothing.
 */
export async function putInForce(tx: Queryable, limitId: string): Promise<void> {
  await tx.execute(sql`select quota_put_in_force(${limitId})`);
}

/** Known to Postgres, in which every period is reckoned. */
export async function isTimeZone(db: Queryable, name: string): Promise<boolean> {
  const { rows } = await db.execute(sql`select from pg_timezone_names where name = ${name}`);
  return rows.length === 1;
}

/** Nobody changes it until the end of the transaction. Its row is written where there was none. */
export async function lockOrganization(
  tx: Queryable,
): Promise<{ name: string; timeZone: string; version: number }> {
  await tx.insert(organizations).values({ id: 'org', name: 'Organization' }).onConflictDoNothing();
  const [row] = await tx
    .select({
      name: organizations.name,
      timeZone: organizations.timeZone,
      version: organizations.version,
    })
    .from(organizations)
    .for('update');
  if (!row) throw new Error('the organization was not written');
  return row;
}

/** Of the organization that is locked. */
export async function changeOrganization(
  tx: Queryable,
  patch: { readonly name: string; readonly timeZone: string },
): Promise<void> {
  await tx.update(organizations).set({ ...patch, version: sql`${organizations.version} + 1` });
}

/** Of every limit in force. Only behind a closed gate. */
export async function updateTimeZone(tx: Queryable, timeZone: string): Promise<void> {
  await tx.update(quotaLimits).set({ timeZone }).where(isNull(quotaLimits.retiredAt));
}
