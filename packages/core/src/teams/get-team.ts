import type { Queryable } from '@reelgate/db';
import type { AdminContext, TeamScope } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { listTeamViews, lockTeam, type TeamView } from './queries.ts';

/** Throws `team_not_found` where there is none, or it is another's. */
export async function getTeam(ctx: Pick<AdminContext, 'db' | 'scope'>, id: string): Promise<TeamView> {
  const [team] = await listTeamViews(ctx.db, ctx.scope, { ids: [id] }, { afterName: null, limit: 1 });
  if (!team) throw teamNotFound(id);
  return team;
}

/** Keeps others from changing it until the transaction is over. Throws `team_not_found`. */
export async function lockTeamInScope(tx: Queryable, scope: TeamScope, id: string): Promise<void> {
  if (!(await lockTeam(tx, scope, id))) throw teamNotFound(id);
}

export function teamNotFound(id: string): ReelgateError {
  return new ReelgateError('team_not_found', `Team with id '${id.slice(0, 80)}' not found.`, {
    param: 'team_id',
  });
}
