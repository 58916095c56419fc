import { type Database, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { closeGate, isTimeZone, updateTimeZone } from './queries/index.ts';

/**
 * Sets the IANA zone in which the organization's days and months begin. A period that is open goes on to the end it was given; the
 * next one begins there and ends in the new zone.
 */
export async function setTimeZone(ctx: { db: Database }, timeZone: string): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    if (!(await isTimeZone(tx, timeZone))) {
      throw new ReelgateError(
        'invalid_value',
        `'${timeZone}' is not an IANA time zone such as 'Europe/Berlin'.`,
        { param: 'time_zone' },
      );
    }
    await closeGate(tx);
    await updateTimeZone(tx, timeZone);
  });
}
