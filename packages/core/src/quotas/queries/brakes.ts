import { type Queryable, schema } from '@reelgate/db';
import { and, eq, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { inScope, scopeName } from './limit-views.ts';

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

/** One that is pulled already keeps its time; it becomes an administrator's where one pulls it as well. */
export async function upsertBrake(
  db: Queryable,
  row: BrakeScope & { reason: string; pulledBy: string; byAdmin: boolean },
): Promise<void> {
  await db
    .insert(brakes)
    .values(row)
    .onConflictDoUpdate({
      target: [brakes.scopeKind, brakes.scopeId],
      set: {
        reason: row.reason,
        pulledBy: sql`case when excluded.by_admin and not ${brakes.byAdmin} then excluded.pulled_by else ${brakes.pulledBy} end`,
        byAdmin: sql`${brakes.byAdmin} or excluded.by_admin`,
      },
    });
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

/** Where there is none. */
export async function insertVelocityBreaker(
  db: Queryable,
  row: BrakeScope & VelocityBreaker & { updatedBy: string },
): Promise<void> {
  await db.insert(velocityBreakers).values(row);
}

/** Null where there was none. */
export async function deleteVelocityBreaker(
  db: Queryable,
  { scopeKind, scopeId }: BrakeScope,
): Promise<VelocityBreaker | null> {
  const [row] = await db
    .delete(velocityBreakers)
    .where(and(eq(velocityBreakers.scopeKind, scopeKind), eq(velocityBreakers.scopeId, scopeId)))
    .returning({
      videosPerMinute: velocityBreakers.videosPerMinute,
      microUsdPerMinute: velocityBreakers.microUsdPerMinute,
      timesNormal: velocityBreakers.timesNormal,
    });
  return row ?? null;
}

export interface VelocityBreakerView extends BrakeScope, VelocityBreaker {
  readonly scopeName: string;
  readonly updatedBy: string | null;
  readonly updatedAt: Date;
}

/** By the id of what they watch. */
export async function listVelocityBreakerViews(
  db: Queryable,
  scope: TeamScope,
  filter: { readonly scopeId?: string | undefined; readonly teamId?: string | undefined },
  page: { readonly after: string | null; readonly limit: number },
): Promise<VelocityBreakerView[]> {
  const { rows } = await db.execute<Record<string, unknown>>(sql`
    select l.scope_kind as "scopeKind", l.scope_id as "scopeId", ${scopeName} as "scopeName",
           l.videos_per_minute as "videosPerMinute", l.micro_usd_per_minute::text as "microUsdPerMinute",
           l.times_normal as "timesNormal", l.updated_by as "updatedBy", l.updated_at as "updatedAt"
      from velocity_breakers l
     where ${inScope(scope)}
       and ${filter.scopeId === undefined ? sql`true` : sql`l.scope_id = ${filter.scopeId}`}
       and ${filter.teamId === undefined ? sql`true` : inScope([filter.teamId])}
       and ${page.after === null ? sql`true` : sql`l.scope_id > ${page.after}`}
     order by l.scope_id limit ${page.limit}`);
  return rows.map((row) => ({
    ...(row as unknown as VelocityBreakerView),
    microUsdPerMinute: row.microUsdPerMinute === null ? null : BigInt(row.microUsdPerMinute as string),
    updatedAt: new Date(row.updatedAt as string),
  }));
}
