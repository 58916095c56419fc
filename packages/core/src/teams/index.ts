export { createTeam, getTeamByName } from './create-team.ts';
export type { TeamRow } from './queries.ts';
export { type TeamSettings, updateTeam } from './update-team.ts';
