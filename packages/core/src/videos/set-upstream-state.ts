import { transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { upstreamNotFound } from './list-upstreams.ts';
import { lockAnyUpstream, setIntake, type UpstreamIntake } from './queries/index.ts';

/**
 * Drains an upstream (no new videos, its own are followed to their end), disables it (it is not asked at all), or opens it again, also
 * where it was held back because its account was out of credit. In force everywhere within five seconds. Throws `not_found`.
 */
export async function setUpstreamState(
  ctx: Pick<AdminContext, 'db' | 'actor'>,
  id: string,
  change: { readonly intake: UpstreamIntake; readonly reason: string },
): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    const before = await lockAnyUpstream(tx, id);
    if (!before) throw upstreamNotFound(id);
    await setIntake(tx, id, change.intake, change.reason);
    await recordAudit(tx, ctx.actor, {
      action: 'upstream.set_state',
      target: id,
      before: { ...before },
      after: { intake: change.intake },
      reason: change.reason,
    });
  });
}
