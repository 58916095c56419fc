import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { closeGate, findCalendar, isTimeZone, updateTimeZone } from './queries/index.ts';

/**
 * Sets the IANA zone in which the organization's days and months begin. A period that is open goes on to the end it was given; the
 * next one begins there and ends in the new zone.
 */
export async function setTimeZone(ctx: { db: Database; actor?: Actor }, timeZone: string): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    if (!(await isTimeZone(tx, timeZone))) {
      throw new ReelgateError(
        'invalid_value',
        `'${timeZone}' is not an IANA time zone such as 'Europe/Berlin'.`,
        { param: 'time_zone' },
      );
    }
    await closeGate(tx);
    const { timeZone: before } = await findCalendar(tx);
    await updateTimeZone(tx, timeZone);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'organization.update',
      target: 'org',
      before: { timeZone: before },
      after: { timeZone },
    });
  });
}
