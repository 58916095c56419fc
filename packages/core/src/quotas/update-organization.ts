import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { closeGate, isTimeZone, lockOrganization, updateName, updateTimeZone } from './queries/index.ts';

/**
 * Changes what is given: what the company is called, and the IANA zone in which its days and months begin. A period that is open goes
 * on to the end it was given; the next one begins there and ends in the new zone. Throws `invalid_value`.
 */
export async function updateOrganization(
  ctx: { db: Database; actor?: Actor },
  { name, timeZone }: { readonly name?: string | undefined; readonly timeZone?: string | undefined },
): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    if (timeZone !== undefined) {
      if (!(await isTimeZone(tx, timeZone))) {
        throw new ReelgateError(
          'invalid_value',
          `'${timeZone}' is not an IANA time zone such as 'Europe/Berlin'.`,
          { param: 'time_zone' },
        );
      }
      await closeGate(tx);
    }
    const before = await lockOrganization(tx);
    if (name !== undefined) await updateName(tx, name);
    if (timeZone !== undefined) await updateTimeZone(tx, timeZone);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'organization.update',
      target: 'org',
      before,
      after: { name: name ?? before.name, timeZone: timeZone ?? before.timeZone },
    });
  });
}
