import { type Database, newId, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { insertPassword, insertTeamMembers, insertUser } from './queries.ts';

export type UserRole = 'admin' | 'manager' | 'member';

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly role: UserRole;
  readonly teamIds: readonly string[];
  /** As the sign-in hashes it; null for whoever signs in with the identity provider. */
  readonly passwordHash: string | null;
}

/** Lets a person sign in. Throws `invalid_value` where somebody has this address. */
export async function createUser(
  ctx: { db: Database },
  input: NewUser,
): Promise<{ id: string; email: string; name: string; role: UserRole }> {
  const { name, role, teamIds, passwordHash } = input;
  const user = { id: newId('user'), email: input.email.trim().toLowerCase(), name, role };
  return await transaction(ctx.db, async (tx) => {
    if (!(await insertUser(tx, user))) {
      throw new ReelgateError('invalid_value', `There is already a user with the address '${user.email}'.`, {
        param: 'email',
      });
    }
    await insertTeamMembers(tx, user.id, teamIds);
    if (passwordHash !== null) await insertPassword(tx, user.id, passwordHash);
    return user;
  });
}
