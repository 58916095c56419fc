import type { AdminContext } from '../context.ts';
import { getTeam } from './get-team.ts';
import { listTeamViews, type TeamFilter, type TeamView } from './queries.ts';

/** By name. `after`: the id that the page before ended with. */
export async function listTeams(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  filter: TeamFilter,
  page: { readonly after: string | null; readonly limit: number },
): Promise<{ teams: readonly TeamView[]; hasMore: boolean }> {
  const afterName = page.after === null ? null : (await getTeam(ctx, page.after)).name;
  const teams = await listTeamViews(ctx.db, ctx.scope, filter, { afterName, limit: page.limit + 1 });
  return { teams: teams.slice(0, page.limit), hasMore: teams.length > page.limit };
}
