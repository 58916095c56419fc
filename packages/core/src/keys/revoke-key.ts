import { type Database, transaction } from '@reelgate/db';
import { keyNotFound } from './get-key.ts';
import { type ApiKeyRow, announceChange, endKey, findKey } from './queries.ts';

/** Refused from now on, with both of its secrets; for good. Revoking a revoked key changes nothing. Throws `key_not_found`. */
export async function revokeKey(
  ctx: { db: Database },
  teamId: string | null,
  id: string,
): Promise<ApiKeyRow> {
  return await transaction(ctx.db, async (tx) => {
    const row = (await endKey(tx, teamId, id)) ?? (await findKey(tx, teamId, id));
    if (!row) throw keyNotFound(id);
    await announceChange(tx, id);
    return row;
  });
}
