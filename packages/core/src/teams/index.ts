export { createTeam, getTeamByName } from './create-team.ts';
export { getOrganization } from './get-organization.ts';
export { getTeam, lockTeamInScope } from './get-team.ts';
export { listTeams } from './list-teams.ts';
export type { OrganizationView, TeamBudget, TeamRow, TeamView } from './queries.ts';
export { type TeamSettings, updateTeam } from './update-team.ts';
export { isAllowedWebhookHost } from './webhook-hosts.ts';
