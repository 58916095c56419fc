export { createTeam, getTeamByName } from './create-team.ts';
export { ORGANIZATION_ID } from './queries.ts';
