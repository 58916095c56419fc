import { type Database, newId, type Queryable, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { insertPassword, insertTeamMembers, insertUser, listKnownTeams } from './queries.ts';

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
  ctx: { db: Database; actor?: Actor },
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
    await checkTeams(tx, teamIds);
    await insertTeamMembers(tx, user.id, teamIds);
    if (passwordHash !== null) await insertPassword(tx, user.id, passwordHash);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'user.create',
      target: user.id,
      after: { email: user.email, name, role, teamIds },
    });
    return user;
  });
}

/** Throws `invalid_value` where there is no such team. */
export async function checkTeams(tx: Queryable, teamIds: readonly string[]): Promise<void> {
  const known = await listKnownTeams(tx, teamIds);
  const unknown = teamIds.find((id) => !known.includes(id));
  if (unknown === undefined) return;
  throw new ReelgateError('invalid_value', `There is no team with id '${unknown.slice(0, 80)}'.`, {
    param: 'team_ids',
  });
}
