import type { AdminContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { listTeamViews, type TeamView } from './queries.ts';

/** Throws `team_not_found` where there is none, or it is another's. */
export async function getTeam(ctx: Pick<AdminContext, 'db' | 'scope'>, id: string): Promise<TeamView> {
  const [team] = await listTeamViews(ctx.db, ctx.scope, { ids: [id] }, { afterName: null, limit: 1 });
  if (!team) throw teamNotFound(id);
  return team;
}

export function teamNotFound(id: string): ReelgateError {
  return new ReelgateError('team_not_found', `Team with id '${id.slice(0, 80)}' not found.`, {
    param: 'team_id',
  });
}
