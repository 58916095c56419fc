import { after, notify, prepared, type Queryable, schema } from '@reelgate/db';
import { and, desc, eq, ilike, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../context.ts';

const { apiKeys, brakes, teams } = schema;

/** Its signals carry the id of a key or of a team whose rights have changed. */
export const KEYS_CHANNEL = 'keys';

const isCurrent = sql`${apiKeys.prefix} = ${sql.placeholder('prefix')}`;

const byPrefix = prepared((db) =>
  db
    .select({
      id: apiKeys.id,
      kind: apiKeys.kind,
      teamId: apiKeys.teamId,
      name: apiKeys.name,
      role: apiKeys.role,
      roleTeamIds: apiKeys.roleTeamIds,
      scopes: apiKeys.scopes,
      models: apiKeys.models,
      keyPerMinute: apiKeys.requestsPerMinute,
      teamPerMinute: teams.requestsPerMinute,
      teamDisabled: sql<boolean>`${teams.disabledAt} is not null`,
      revoked: sql<boolean>`${apiKeys.state} = 'revoked'`,
      /** Negative for one that has expired, null for one that never does. */
      expiresInMs: sql<number | null>`(extract(epoch from
        least(${apiKeys.expiresAt}, case when not ${isCurrent} then ${apiKeys.previousExpiresAt} end) - clock_timestamp()) * 1000)::float8`,
      current: sql<boolean>`${isCurrent}`,
      hash: sql<string | null>`case when ${isCurrent} then ${apiKeys.hash} else ${apiKeys.previousHash} end`,
      pepperVersion: sql<number>`case when ${isCurrent} then ${apiKeys.pepperVersion} else ${apiKeys.previousPepperVersion} end`,
    })
    .from(apiKeys)
    .leftJoin(teams, eq(teams.id, apiKeys.teamId))
    .where(or(isCurrent, eq(apiKeys.previousPrefix, sql.placeholder('prefix'))))
    .prepare('key_by_prefix'),
);

export async function findAnyKeyByPrefix(db: Queryable, prefix: string) {
  const [row] = await byPrefix(db).execute({ prefix });
  return row ?? null;
}

/** Everything of a key but its hashes. */
const shown = {
  id: apiKeys.id,
  teamId: apiKeys.teamId,
  kind: apiKeys.kind,
  role: apiKeys.role,
  roleTeamIds: apiKeys.roleTeamIds,
  name: apiKeys.name,
  prefix: apiKeys.prefix,
  previousPrefix: apiKeys.previousPrefix,
  previousExpiresAt: apiKeys.previousExpiresAt,
  state: apiKeys.state,
  scopes: apiKeys.scopes,
  models: apiKeys.models,
  requestsPerMinute: apiKeys.requestsPerMinute,
  expiresAt: apiKeys.expiresAt,
  revokedAt: apiKeys.revokedAt,
  lastUsedAt: apiKeys.lastUsedAt,
  createdAt: apiKeys.createdAt,
  createdBy: apiKeys.createdBy,
  version: apiKeys.version,
};

export type ApiKeyRow = Pick<typeof apiKeys.$inferSelect, keyof typeof shown>;

/** Whose keys: those of the teams of a scope, or the deployment's own, which are the admin keys. */
export type KeyScope = TeamScope | 'deployment';

function within(scope: KeyScope): SQL | undefined {
  if (scope === 'deployment') return isNull(apiKeys.teamId);
  return scope === 'all' ? isNotNull(apiKeys.teamId) : inArray(apiKeys.teamId, [...scope]);
}

export async function insertKey(
  db: Queryable,
  teamId: string | null,
  row: Omit<typeof apiKeys.$inferInsert, 'teamId'>,
): Promise<ApiKeyRow> {
  const [inserted] = await db
    .insert(apiKeys)
    .values({ ...row, teamId })
    .returning(shown);
  if (!inserted) throw new Error('the key was not written');
  return inserted;
}

/** False where there is one of this id. */
export async function insertKeyOnce(
  db: Queryable,
  teamId: string,
  row: Omit<typeof apiKeys.$inferInsert, 'teamId'>,
): Promise<boolean> {
  const rows = await db
    .insert(apiKeys)
    .values({ ...row, teamId })
    .onConflictDoNothing({ target: apiKeys.id })
    .returning({ id: apiKeys.id });
  return rows.length === 1;
}

export async function findAnyPrefix(db: Queryable, id: string): Promise<string | null> {
  const [row] = await db.select({ prefix: apiKeys.prefix }).from(apiKeys).where(eq(apiKeys.id, id));
  return row?.prefix ?? null;
}

export async function findAnyTeamByName(db: Queryable, name: string): Promise<string | null> {
  const [row] = await db.select({ id: teams.id }).from(teams).where(eq(teams.name, name));
  return row?.id ?? null;
}

/** Nobody changes it until the end of the transaction. Null where it is not in the scope. */
export async function lockKey(tx: Queryable, scope: KeyScope, id: string): Promise<ApiKeyRow | null> {
  const [row] = await tx
    .select(shown)
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), within(scope)))
    .for('update');
  return row ?? null;
}

/** Of a key that is locked; in force at once on every gateway, which then forget what they know of it. */
export async function changeLockedKey(
  tx: Queryable,
  id: string,
  changes: Partial<typeof apiKeys.$inferInsert>,
): Promise<ApiKeyRow> {
  const [row] = await tx
    .update(apiKeys)
    .set({ ...changes, version: sql`${apiKeys.version} + 1` })
    .where(eq(apiKeys.id, id))
    .returning(shown);
  if (!row) throw new Error('the key is not locked');
  await announceChange(tx, id);
  return row;
}

/** For good, with both of its secrets. */
export async function endLockedKey(tx: Queryable, id: string): Promise<ApiKeyRow> {
  return await changeLockedKey(tx, id, {
    state: 'revoked',
    revokedAt: sql`clock_timestamp()` as unknown as Date,
    previousExpiresAt: sql`clock_timestamp()` as unknown as Date,
  });
}

/** Makes the secret in force the previous one, good for `overlapMs` more. */
export async function replaceLockedSecret(
  tx: Queryable,
  id: string,
  secret: { prefix: string; hash: string; pepperVersion: number },
  overlapMs: number,
): Promise<ApiKeyRow> {
  await tx
    .update(apiKeys)
    .set({
      previousPrefix: sql`${apiKeys.prefix}`,
      previousHash: sql`${apiKeys.hash}`,
      previousPepperVersion: sql`${apiKeys.pepperVersion}`,
      previousExpiresAt: after(overlapMs),
    })
    .where(eq(apiKeys.id, id));
  return await changeLockedKey(tx, id, secret);
}

export type KeyState = 'active' | 'paused' | 'revoked' | 'expired';

export interface KeyFilter {
  readonly ids?: readonly string[] | undefined;
  readonly teamId?: string | undefined;
  readonly kind?: 'live' | 'test' | undefined;
  readonly states?: readonly string[] | undefined;
  /** Part of the name or of the prefix. */
  readonly search?: string | undefined;
}

/** A key as it is now, with what it belongs to. */
export interface KeyView extends Omit<ApiKeyRow, 'state'> {
  readonly state: KeyState;
  /** Why it may make no new videos for now. */
  readonly pausedReason: string | null;
  /** `byAdmin`: only somebody whose teams are all can resume it. */
  readonly pausedBy: { readonly name: string; readonly byAdmin: boolean } | null;
  readonly teamName: string | null;
  /** What it has spent and reserved in this month of the organization. */
  readonly spentMicroUsd: bigint;
  /** Of an admin key that is not for everything. */
  readonly roleTeams: readonly { readonly id: string; readonly name: string }[];
}

const state = sql<KeyState>`case when ${apiKeys.state} = 'revoked' then 'revoked'
  when ${apiKeys.expiresAt} <= clock_timestamp() then 'expired'
  when ${brakes.scopeId} is not null then 'paused' else 'active' end`;

const spent = sql<string>`(
  select coalesce(sum(s.cost_reserved + s.cost_settled), 0)::text from spend s
   where s.key_id = ${apiKeys.id}
     and s.at >= date_trunc('month', clock_timestamp(), coalesce((select o.time_zone from organizations o), 'UTC')))`;

/** Newest first, from the one after the key `afterId` on. */
export async function listKeyViews(
  db: Queryable,
  scope: KeyScope,
  filter: KeyFilter,
  page: { readonly afterId: string | null; readonly limit: number },
): Promise<KeyView[]> {
  const { ids, teamId, kind, states, search } = filter;
  const pattern = search === undefined ? '' : `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const rows = await db
    .select({
      ...shown,
      state,
      pausedReason: brakes.reason,
      pausedBy: sql<KeyView['pausedBy']>`case when ${brakes.scopeId} is not null
        then jsonb_build_object('name', brake_puller(${brakes}), 'byAdmin', ${brakes.byAdmin}) end`,
      teamName: teams.name,
      spent,
      roleTeams: sql<KeyView['roleTeams']>`(
        select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name) order by r.name), '[]')
          from teams r where r.id = any(${apiKeys.roleTeamIds}))`,
    })
    .from(apiKeys)
    .leftJoin(teams, eq(teams.id, apiKeys.teamId))
    .leftJoin(brakes, and(eq(brakes.scopeKind, 'key'), eq(brakes.scopeId, apiKeys.id)))
    .where(
      and(
        within(scope),
        ids === undefined ? undefined : inArray(apiKeys.id, [...ids]),
        teamId === undefined ? undefined : eq(apiKeys.teamId, teamId),
        kind === undefined ? undefined : eq(apiKeys.kind, kind),
        states === undefined ? undefined : inArray(state, [...states]),
        search === undefined ? undefined : or(ilike(apiKeys.name, pattern), ilike(apiKeys.prefix, pattern)),
        page.afterId === null
          ? undefined
          : sql`(${apiKeys.createdAt}, ${apiKeys.id}) < (select a.created_at, a.id from api_keys a where a.id = ${page.afterId})`,
      ),
    )
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
    .limit(page.limit);
  return rows.map(({ spent, ...row }) => ({ ...row, spentMicroUsd: BigInt(spent) }));
}

/** The same secret under another pepper; nothing where it is another secret by now. */
export async function rehashAnyKey(
  db: Queryable,
  id: string,
  from: string,
  to: { hash: string; pepperVersion: number },
): Promise<void> {
  await db
    .update(apiKeys)
    .set(to)
    .where(and(eq(apiKeys.id, id), eq(apiKeys.hash, from)));
}

export async function recordAnyLastUse(db: Queryable, ids: readonly string[]): Promise<void> {
  await db
    .update(apiKeys)
    .set({ lastUsedAt: sql`clock_timestamp()` })
    .where(inArray(apiKeys.id, [...ids]));
}

/** Those of these teams that there are in the scope. */
export async function listTeamIds(
  db: Queryable,
  scope: TeamScope,
  ids: readonly string[],
): Promise<string[]> {
  const asked = scope === 'all' ? ids : ids.filter((id) => scope.includes(id));
  if (asked.length === 0) return [];
  const rows = await db
    .select({ id: teams.id })
    .from(teams)
    .where(inArray(teams.id, [...asked]));
  return rows.map(({ id }) => id);
}

/** Every gateway forgets at once what it knows of the key, or of all keys of the team. */
export async function announceChange(db: Queryable, keyOrTeamId: string): Promise<void> {
  await notify(db, KEYS_CHANNEL, keyOrTeamId);
}
