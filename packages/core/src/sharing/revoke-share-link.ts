import { transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { findShareLink, markShareLinkRevoked, type ShareLinkRow } from './queries.ts';

/** From now on it shows nothing. Throws `not_found`; a second time changes nothing and is audited too. */
export async function revokeShareLink(
  ctx: Pick<AdminContext, 'db' | 'scope' | 'actor'>,
  id: string,
): Promise<ShareLinkRow> {
  return await transaction(ctx.db, async (tx) => {
    const found = await findShareLink(tx, ctx.scope, id);
    if (!found) throw new ReelgateError('not_found', `There is no share link '${id.slice(0, 80)}'.`);
    const { teamId, videoId } = found;
    const revoked = await markShareLinkRevoked(tx, teamId, id);
    await recordAudit(tx, ctx.actor, {
      action: 'share_link.revoke',
      target: id,
      teamId,
      before: { revokedAt: found.revokedAt },
      after: { videoId, revokedAt: (revoked ?? found).revokedAt },
    });
    return revoked ?? found;
  });
}
