import { transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { checkVersion, ReelgateError } from '../errors.ts';
import { checkTeams } from './create-user.ts';
import { getUser, userNotFound } from './get-user.ts';
import {
  changeUser,
  countAdmins,
  deleteSessions,
  listTeamIds,
  lockUser,
  replaceTeams,
  type UserView,
} from './queries.ts';

export interface UserChanges {
  readonly name?: string | undefined;
  readonly role?: UserView['role'] | undefined;
  /** Cannot sign in, and is signed out at once. */
  readonly disabled?: boolean | undefined;
  readonly teamIds?: readonly string[] | undefined;
  readonly version?: number | undefined;
}

/** Changes what is given. Throws `not_found`, `version_conflict`, `invalid_value`, and `conflict` where no admin would be left. */
export async function updateUser(
  ctx: Pick<AdminContext, 'db' | 'actor'>,
  id: string,
  changes: UserChanges,
): Promise<UserView> {
  const { teamIds } = changes;
  await transaction(ctx.db, async (tx) => {
    const user = await lockUser(tx, id);
    if (!user) throw userNotFound(id);
    checkVersion(user.version, changes.version);
    const before = {
      name: user.name,
      role: user.role,
      disabled: user.disabledAt !== null,
      teamIds: await listTeamIds(tx, id),
    };
    const after = {
      name: changes.name ?? before.name,
      role: changes.role ?? before.role,
      disabled: changes.disabled ?? before.disabled,
      teamIds: teamIds === undefined ? before.teamIds : [...teamIds].sort(),
    };
    const wasAdmin = before.role === 'admin' && !before.disabled;
    const staysAdmin = after.role === 'admin' && !after.disabled;
    if (wasAdmin && !staysAdmin && (await countAdmins(tx)) === 1) {
      throw new ReelgateError('conflict', 'This is the last admin. Make somebody else one first.');
    }
    await changeUser(tx, id, changes);
    if (teamIds !== undefined) {
      await checkTeams(tx, teamIds);
      await replaceTeams(tx, id, teamIds);
    }
    if (after.disabled) await deleteSessions(tx, id);
    await recordAudit(tx, ctx.actor, { action: 'user.update', target: id, before, after });
  });
  return await getUser(ctx, id);
}
