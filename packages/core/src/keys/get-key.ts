import type { Database } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { type ApiKeyRow, findKey } from './queries.ts';

/** A key of a team, or (`teamId` null) of the deployment. Throws `key_not_found`. */
export async function getKey(ctx: { db: Database }, teamId: string | null, id: string): Promise<ApiKeyRow> {
  const row = await findKey(ctx.db, teamId, id);
  if (!row) throw keyNotFound(id);
  return row;
}

export function keyNotFound(id: string): ReelgateError {
  return new ReelgateError('key_not_found', `API key with id '${id}' not found.`, { param: 'key_id' });
}
