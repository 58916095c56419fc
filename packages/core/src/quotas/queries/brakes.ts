import { type Queryable, schema } from '@reelgate/db';
import { and, eq, sql } from 'drizzle-orm';

const { apiKeys, brakes, keyMinutes, organizations, teams, velocityBreakers } = schema;

export type BrakeRow = typeof brakes.$inferSelect;
export type BrakeScope = Pick<BrakeRow, 'scopeKind' | 'scopeId'>;
export type VelocityBreaker = Pick<
  typeof velocityBreakers.$inferSelect,
  'videosPerMinute' | 'microUsdPerMinute' | 'timesNormal'
>;

/** What people call the organization, a team or a key, and whose it is; null where there is none. */
export async function findScopeName(
  db: Queryable,
  { scopeKind, scopeId }: BrakeScope,
): Promise<{ name: string; teamId: string | null } | null> {
  if (scopeKind === 'team') {
    const [row] = await db.select({ name: teams.name }).from(teams).where(eq(teams.id, scopeId));
    return row ? { ...row, teamId: scopeId } : null;
  }
  if (scopeKind === 'key') {
    const [row] = await db
      .select({ name: apiKeys.name, teamId: apiKeys.teamId })
      .from(apiKeys)
      .where(eq(apiKeys.id, scopeId));
    return row ?? null;
  }
  if (scopeId !== 'org') return null;
  const [row] = await db.select({ name: organizations.name }).from(organizations);
  return { name: row?.name ?? 'Organization', teamId: null };
}

const of = ({ scopeKind, scopeId }: BrakeScope) =>
  and(eq(brakes.scopeKind, scopeKind), eq(brakes.scopeId, scopeId));

export async function findBrake(db: Queryable, scope: BrakeScope): Promise<BrakeRow | null> {
  const [row] = await db.select().from(brakes).where(of(scope));
  return row ?? null;
}

/** What holds new videos of this key, as `accept_video` tells it: the company's brake, its team's or its own; null where none is pulled. */
export async function findBrakeInForce(
  db: Queryable,
  { keyId, teamId }: { readonly keyId: string; readonly teamId: string },
): Promise<unknown> {
  const { rows } = await db.execute<{ brake: unknown }>(
    sql`select brake_in_force(${keyId}, ${teamId}) as brake`,
  );
  return rows[0]?.brake ?? null;
}

/** One that is pulled already keeps its time. */
export async function upsertBrake(
  db: Queryable,
  row: BrakeScope & { reason: string; pulledBy: string },
): Promise<void> {
  await db
    .insert(brakes)
    .values(row)
    .onConflictDoUpdate({ target: [brakes.scopeKind, brakes.scopeId], set: { reason: row.reason } });
}

/** A key that was too fast may begin its minute again. */
export async function deleteBrake(db: Queryable, scope: BrakeScope): Promise<BrakeRow | null> {
  const [row] = await db.delete(brakes).where(of(scope)).returning();
  if (scope.scopeKind === 'key') {
    await db
      .delete(keyMinutes)
      .where(
        and(
          eq(keyMinutes.keyId, scope.scopeId),
          sql`${keyMinutes.minute} >= date_trunc('minute', clock_timestamp())`,
        ),
      );
  }
  return row ?? null;
}

export async function upsertVelocityBreaker(
  db: Queryable,
  row: BrakeScope & VelocityBreaker & { updatedBy: string },
): Promise<void> {
  await db
    .insert(velocityBreakers)
    .values(row)
    .onConflictDoUpdate({
      target: [velocityBreakers.scopeKind, velocityBreakers.scopeId],
      set: { ...row, updatedAt: sql`clock_timestamp()` },
    });
}
