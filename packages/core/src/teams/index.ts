export { createTeam, getTeamByName } from './create-team.ts';
