import { transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { userNotFound } from './get-user.ts';
import { deleteSessions, lockUser } from './queries.ts';

/** Ends every session of a person. Throws `not_found`. */
export async function signOutUser(ctx: Pick<AdminContext, 'db' | 'actor'>, id: string): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    if (!(await lockUser(tx, id))) throw userNotFound(id);
    await deleteSessions(tx, id);
    await recordAudit(tx, ctx.actor, { action: 'user.sign_out', target: id });
  });
}
