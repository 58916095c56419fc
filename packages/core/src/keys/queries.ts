import { notify, prepared, type Queryable, schema } from '@reelgate/db';
import { and, desc, eq, inArray, isNull, or, sql } from 'drizzle-orm';

const { apiKeys, teams } = schema;

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

export type ApiKeyRow = Omit<
  typeof apiKeys.$inferSelect,
  'hash' | 'previousHash' | 'pepperVersion' | 'previousPepperVersion'
>;

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
} satisfies Record<keyof ApiKeyRow, unknown>;

/** Whose key: a team's, or the deployment's own (null), which is an admin key. */
const ownedBy = (teamId: string | null) =>
  teamId === null ? isNull(apiKeys.teamId) : eq(apiKeys.teamId, teamId);

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

/** `lock`: nobody changes it until the end of the transaction. */
export async function findKey(
  db: Queryable,
  teamId: string | null,
  id: string,
  options: { lock?: boolean } = {},
): Promise<ApiKeyRow | null> {
  const query = db
    .select(shown)
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), ownedBy(teamId)));
  const [row] = await (options.lock ? query.for('update') : query);
  return row ?? null;
}

/** Newest first. */
export async function listKeys(db: Queryable, teamId: string | null): Promise<ApiKeyRow[]> {
  return await db
    .select(shown)
    .from(apiKeys)
    .where(ownedBy(teamId))
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id));
}

/** Null where it is not theirs, or revoked. */
export async function changeKey(
  db: Queryable,
  teamId: string | null,
  id: string,
  changes: Partial<typeof apiKeys.$inferInsert>,
): Promise<ApiKeyRow | null> {
  const [row] = await db
    .update(apiKeys)
    .set(changes)
    .where(and(eq(apiKeys.id, id), ownedBy(teamId), eq(apiKeys.state, 'active')))
    .returning(shown);
  return row ?? null;
}

/** Null where it is not theirs, or already revoked. */
export async function endKey(db: Queryable, teamId: string | null, id: string): Promise<ApiKeyRow | null> {
  const [row] = await db
    .update(apiKeys)
    .set({ state: 'revoked', revokedAt: sql`clock_timestamp()`, previousExpiresAt: sql`clock_timestamp()` })
    .where(and(eq(apiKeys.id, id), ownedBy(teamId), eq(apiKeys.state, 'active')))
    .returning(shown);
  return row ?? null;
}

/** Makes the secret in force the previous one, good for `overlapMs` more. Null where the key is not theirs, or revoked. */
export async function replaceSecret(
  db: Queryable,
  teamId: string | null,
  id: string,
  secret: { prefix: string; hash: string; pepperVersion: number },
  overlapMs: number,
): Promise<ApiKeyRow | null> {
  const [row] = await db
    .update(apiKeys)
    .set({
      ...secret,
      previousPrefix: sql`${apiKeys.prefix}`,
      previousHash: sql`${apiKeys.hash}`,
      previousPepperVersion: sql`${apiKeys.pepperVersion}`,
      previousExpiresAt: sql`clock_timestamp() + make_interval(secs => ${overlapMs / 1_000}::float8)`,
    })
    .where(and(eq(apiKeys.id, id), ownedBy(teamId), eq(apiKeys.state, 'active')))
    .returning(shown);
  return row ?? null;
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

/** Every gateway forgets at once what it knows of the key, or of all keys of the team. */
export async function announceChange(db: Queryable, keyOrTeamId: string): Promise<void> {
  await notify(db, KEYS_CHANNEL, keyOrTeamId);
}

/** The database's clock. */
export async function readNow(db: Queryable): Promise<Date> {
  const { rows } = await db.execute<{ now: Date | string }>(sql`select clock_timestamp() as now`);
  return new Date(rows[0]?.now ?? Number.NaN);
}
