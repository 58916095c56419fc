import type { TeamScope } from '../context.ts';

/** One team of the scope, or none where it is not in it. */
export function narrowTo(scope: TeamScope, teamId: string | undefined): TeamScope {
  if (teamId === undefined) return scope;
  return scope === 'all' || scope.includes(teamId) ? [teamId] : [];
}
