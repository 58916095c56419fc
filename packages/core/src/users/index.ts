export { createUser, type NewUser, type UserRole } from './create-user.ts';
