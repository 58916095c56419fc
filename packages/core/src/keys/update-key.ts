import { type Database, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { getKey, keyNotFound } from './get-key.ts';
import { checkSettings, type KeySettings } from './key-settings.ts';
import { type ApiKeyRow, announceChange, changeKey, findKey } from './queries.ts';

/** Changes what is given, in force at once on every gateway. Throws `key_not_found`, and `invalid_value` for a revoked key. */
export async function updateKey(
  ctx: { db: Database },
  teamId: string | null,
  id: string,
  changes: Partial<KeySettings>,
): Promise<ApiKeyRow> {
  if (Object.keys(changes).length === 0) return await getKey(ctx, teamId, id);
  await checkSettings(ctx.db, changes);
  const { scopes, models, ...rest } = changes;
  return await transaction(ctx.db, async (tx) => {
    const row = await changeKey(tx, teamId, id, {
      ...rest,
      ...(scopes !== undefined && { scopes: scopes && [...scopes] }),
      ...(models !== undefined && { models: models && [...models] }),
    });
    if (row) await announceChange(tx, id);
    return row ?? (await refuseRevoked(tx, teamId, id));
  });
}

/** Tells why an active key was not found. */
export async function refuseRevoked(...where: Parameters<typeof findKey>): Promise<never> {
  const [, , id] = where;
  if (!(await findKey(...where))) throw keyNotFound(id);
  throw new ReelgateError(
    'invalid_value',
    `API key '${id}' has been revoked, which is for good. Create a new one.`,
    {
      param: 'key_id',
    },
  );
}
