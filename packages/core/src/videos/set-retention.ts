import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { replaceRetention } from './queries/index.ts';

const MAX_DAYS = 36_500;

/** For how many days a team's finished videos are kept; null for ever. In force at the next turn of the clean-up. */
export async function setRetention(
  ctx: { db: Database; actor?: Actor },
  teamId: string,
  days: number | null,
): Promise<void> {
  if (days !== null && !(Number.isInteger(days) && days >= 1 && days <= MAX_DAYS)) {
    throw new ReelgateError('invalid_value', `Days are a whole number from 1 to ${MAX_DAYS}.`, {
      param: 'days',
    });
  }
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
