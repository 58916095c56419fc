import { transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { OrphanPlace } from './list-orphans.ts';
import { ignoreSeenOrphan } from './queries/index.ts';

/** Decides that an orphan is of no interest. Throws `not_found` where nothing waits for a decision. */
export async function ignoreOrphan(
  ctx: Pick<AdminContext, 'db' | 'actor'>,
  orphan: OrphanPlace,
  reason: string,
): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    if (!(await ignoreSeenOrphan(tx, orphan, ctx.actor.id))) {
      throw new ReelgateError('not_found', 'There is no such orphan that waits for a decision.');
    }
    await recordAudit(tx, ctx.actor, {
      action: 'orphan.ignore',
      target: `${orphan.accountId}/${orphan.upstreamId}`,
      after: { state: 'ignored' },
      reason,
    });
  });
}
