import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { keyNotFound } from './get-key.ts';
import { endLockedKey, type KeyScope, lockKey } from './queries.ts';

/** Refused from now on, with both of its secrets; for good. Revoking a revoked key changes nothing. Throws `key_not_found`. */
export async function revokeKey(
  ctx: { db: Database; scope: KeyScope; actor?: Actor },
  id: string,
): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    const before = await lockKey(tx, ctx.scope, id);
    if (!before) throw keyNotFound(id);
    const after = before.state === 'revoked' ? before : await endLockedKey(tx, id);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'key.revoke',
      target: id,
      teamId: before.teamId,
      before: { state: before.state },
      after: { state: after.state },
    });
  });
}
