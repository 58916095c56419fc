import type { Database } from '@reelgate/db';
import { type ApiKeyRow, listKeys as listRows } from './queries.ts';

/** Every key of a team, or (`teamId` null) of the deployment, also the revoked ones; newest first. */
export async function listKeys(ctx: { db: Database }, teamId: string | null): Promise<ApiKeyRow[]> {
  return await listRows(ctx.db, teamId);
}
