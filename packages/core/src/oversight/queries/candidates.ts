import type { Queryable } from '@reelgate/db';
import { type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { type AllVideosFilter, inScope, matching, textArray, videosWith, wordsOf } from './conditions.ts';

export type BulkAction = 'poll' | 'retry_archiving' | 'cancel' | 'delete' | 'restore' | 'hold' | 'unhold';

/** For which videos an action makes sense. */
const ELIGIBLE: Readonly<Record<BulkAction, SQL>> = {
  poll: sql`v.next_action_at is not null`,
  retry_archiving: sql`v.state = 'archiving'`,
  cancel: sql`v.state = 'accepted'`,
  delete: sql`v.delete_requested_at is null`,
  restore: sql`v.delete_requested_at is not null and v.purged_at is null`,
  hold: sql`v.legal_hold_at is null and v.purged_at is null`,
  unhold: sql`v.legal_hold_at is not null`,
};

/** The oldest first; of these ids, or of all that match. Purged ones only where they are named. */
export async function listCandidates(
  db: Queryable,
  scope: TeamScope,
  action: BulkAction,
  which: readonly string[] | AllVideosFilter,
  limit: number,
): Promise<{ id: string; eligible: boolean }[]> {
  const chosen = isIds(which)
    ? { from: sql`videos v`, where: sql`v.id = any(${textArray(which)}) and ${inScope(scope)}` }
    : { from: videosWith(wordsOf(which)), where: matching(scope, which) };
  const { rows } = await db.execute<{ id: string; eligible: boolean }>(sql`
    select v.id, (${ELIGIBLE[action]}) as eligible from ${chosen.from} where ${chosen.where} order by v.created_at, v.id limit ${limit}`);
  return rows;
}

function isIds(which: readonly string[] | AllVideosFilter): which is readonly string[] {
  return Array.isArray(which);
}
