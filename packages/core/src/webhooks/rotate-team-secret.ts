import { transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { SYSTEM_ACTOR, type TeamScope } from '../context.ts';
import { lockTeamInScope } from '../teams/index.ts';
import { findAnyOverlap } from './queries/index.ts';
import { replaceSecret } from './rotate-secret.ts';
import type { WebhookContext } from './webhook-context.ts';

/**
 * Gives a team a new secret, its first one included, which signs what the `webhook_url` of its videos are told. With `keepOld` the
 * ones before sign along for 24 hours; without it they die now. The secret is in the answer and nowhere else. Throws `team_not_found`,
 * and `invalid_value` where there would be more than five living ones.
 */
export async function rotateTeamWebhookSecret(
  ctx: Pick<WebhookContext, 'db' | 'secretBox' | 'actor'> & { readonly scope: TeamScope },
  teamId: string,
  { keepOld }: { readonly keepOld: boolean },
): Promise<{ readonly secret: string; readonly rotatingUntil: Date | null }> {
  return await transaction(ctx.db, async (tx) => {
    await lockTeamInScope(tx, ctx.scope, teamId);
    const secret = await replaceSecret(ctx, tx, { teamId }, keepOld);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'team.rotate_webhook_secret',
      target: teamId,
      teamId,
      after: { keepOld },
    });
    return { secret, rotatingUntil: await findAnyOverlap(tx, { teamId }) };
  });
}
