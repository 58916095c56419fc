import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { checkVersion, ReelgateError } from '../errors.ts';
import {
  changeOrganization,
  closeGate,
  isTimeZone,
  lockOrganization,
  updateTimeZone,
} from './queries/index.ts';

/**
 * Changes what is given: what the company is called, and the IANA zone in which its days and months begin. A period that is open goes
 * on to the end it was given; the next one begins there and ends in the new zone. Throws `invalid_value` and `version_conflict`.
 */
export async function updateOrganization(
  ctx: { db: Database; actor?: Actor },
  {
    name,
    timeZone,
    version,
  }: {
    readonly name?: string | undefined;
    readonly timeZone?: string | undefined;
    /** The one that the change was made to. */
    readonly version?: number | undefined;
  },
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
    const { version: current, ...before } = await lockOrganization(tx);
    checkVersion(current, version);
    const after = { name: name ?? before.name, timeZone: timeZone ?? before.timeZone };
    await changeOrganization(tx, after);
    if (timeZone !== undefined) await updateTimeZone(tx, timeZone);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'organization.update',
      target: 'org',
      before,
      after,
    });
  });
}
