import { type Database, newId, readClock, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { findOffer, insertPrice, listPriceRows, type PricedRow } from './queries.ts';

export interface PriceSetting {
  readonly model: string;
  /** `<width>x<height>` */
  readonly size: string;
  readonly perSecondMicroUsd: bigint;
  readonly perImageMicroUsd?: bigint | undefined;
  readonly perVideoMicroUsd?: bigint | undefined;
  readonly minimumMicroUsd?: bigint | undefined;
  /** Now, where absent. */
  readonly validFrom?: Date | undefined;
}

/**
 * Sets a price from a moment on. Videos that were accepted keep theirs; gateways know of it within five seconds, and the
 * configuration file says nothing about this model and size any more.
 */
export async function setPrice(
  ctx: { db: Database; actor?: Actor },
  { validFrom, ...setting }: PriceSetting,
): Promise<PricedRow> {
  const actor = ctx.actor ?? SYSTEM_ACTOR;
  return await transaction(ctx.db, async (tx) => {
    const offer = await findOffer(tx, setting.model);
    if (!offer) {
      throw new ReelgateError('not_found', `There is no model named '${setting.model}'.`, { param: 'model' });
    }
    if (!offer.sizes.includes(setting.size)) {
      throw new ReelgateError('invalid_value', `The model '${setting.model}' has no size ${setting.size}.`, {
        param: 'size',
      });
    }
    const now = await readClock(tx);
    if (validFrom !== undefined && validFrom.getTime() < now.getTime() - 60_000) {
      throw new ReelgateError('invalid_value', 'A price cannot be changed for the past.', {
        param: 'valid_from',
      });
    }
    const id = newId('price');
    await insertPrice(tx, { ...setting, id, setBy: actor.id, validFrom: validFrom ?? now });
    await recordAudit(tx, actor, {
      action: 'price.create',
      target: id,
      after: { ...setting, validFrom: validFrom ?? now },
    });
    const [row] = await listPriceRows(tx, { id });
    if (!row) throw new Error('a price that is not there');
    return row;
  });
}
