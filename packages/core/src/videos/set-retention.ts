import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR, type TeamScope } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { getTeam } from '../teams/index.ts';
import { findRetention, replaceRetention } from './queries/index.ts';

const MAX_DAYS = 36_500;

export interface Retention {
  readonly teamId: string;
  readonly teamName: string;
  /** Null for ever. */
  readonly days: number | null;
  readonly updatedAt: Date | null;
}

/** For how long a team keeps its finished videos. Throws `team_not_found`. */
export async function getRetention(
  ctx: { readonly db: Database; readonly scope: TeamScope },
  teamId: string,
): Promise<Retention> {
  const team = await getTeam(ctx, teamId);
  const rule = await findRetention(ctx.db, teamId);
  return {
    teamId,
    teamName: team.name,
    days: rule?.days ?? null,
    updatedAt: rule?.updatedAt ?? null,
  };
}

/** For how many days a team's finished videos are kept; null for ever. In force at the next turn of the clean-up. Throws `team_not_found`. */
export async function setRetention(
  ctx: { readonly db: Database; readonly scope?: TeamScope; readonly actor?: Actor },
  teamId: string,
  days: number | null,
): Promise<void> {
  if (days !== null && !(Number.isInteger(days) && days >= 1 && days <= MAX_DAYS)) {
    throw new ReelgateError('invalid_value', `Days are a whole number from 1 to ${MAX_DAYS}.`, {
      param: 'days',
    });
  }
  await getTeam({ db: ctx.db, scope: ctx.scope ?? 'all' }, teamId);
  await transaction(ctx.db, async (tx) => {
    const before = await replaceRetention(tx, teamId, days);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'retention.set',
      target: teamId,
      teamId,
      before: { days: before },
      after: { days },
    });
  });
}
