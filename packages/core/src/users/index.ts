export { addTeamMember, listTeamMembers, removeTeamMember } from './change-members.ts';
export { createUser, type NewUser, type UserRole } from './create-user.ts';
export { getUser } from './get-user.ts';
export { listUsers } from './list-users.ts';
export type { MemberView, UserView } from './queries.ts';
export { signOutUser } from './sign-out-user.ts';
export { updateUser } from './update-user.ts';
