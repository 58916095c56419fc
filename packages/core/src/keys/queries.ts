import { prepared, type Queryable, schema } from '@reelgate/db';
import { eq, sql } from 'drizzle-orm';

const { apiKeys } = schema;

const byPrefix = prepared((db) =>
  db
    .select({
      id: apiKeys.id,
      teamId: apiKeys.teamId,
      hash: apiKeys.hash,
      usable: sql<boolean>`${apiKeys.state} = 'active' and (${apiKeys.expiresAt} is null or ${apiKeys.expiresAt} > clock_timestamp())`,
    })
    .from(apiKeys)
    .where(eq(apiKeys.prefix, sql.placeholder('prefix')))
    .prepare('key_by_prefix'),
);

export async function findKeyByPrefix(db: Queryable, prefix: string) {
  const [row] = await byPrefix(db).execute({ prefix });
  return row ?? null;
}

export async function insertKey(
  db: Queryable,
  teamId: string,
  row: { id: string; name: string; prefix: string; hash: string },
): Promise<void> {
  await db.insert(apiKeys).values({ ...row, teamId });
}
