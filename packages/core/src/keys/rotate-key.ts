import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { KeyWithSecret } from './create-key.ts';
import { generateKey } from './key-format.ts';
import { lockActiveKey } from './lock-active-key.ts';
import { readPeppers } from './peppers.ts';
import { type KeyScope, replaceLockedSecret } from './queries.ts';

const MAX_OVERLAP_SECONDS = 30 * 24 * 3_600;

/**
 * Gives a key a new secret. The one before stays good for the overlap, so that nobody who uses it is cut off; one from before
 * that ends now. Throws `key_not_found`, and `invalid_value` for a revoked key or an overlap of more than 30 days.
 */
export async function rotateKey(
  ctx: { db: Database; scope: KeyScope; pepper: string; actor?: Actor },
  id: string,
  overlapSeconds: number,
): Promise<KeyWithSecret> {
  if (!(overlapSeconds >= 0 && overlapSeconds <= MAX_OVERLAP_SECONDS)) {
    throw new ReelgateError('invalid_value', 'The old secret can live for 0 to 30 days more.', {
      param: 'overlap_seconds',
    });
  }
  const { newest, hash } = readPeppers(ctx.pepper);
  return await transaction(ctx.db, async (tx) => {
    const before = await lockActiveKey(tx, ctx.scope, id);
    const { secret, prefix } = generateKey(before.kind);
    const made = { prefix, hash: hash(secret, newest) ?? '', pepperVersion: newest };
    const after = await replaceLockedSecret(tx, id, made, overlapSeconds * 1_000);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'key.rotate',
      target: id,
      teamId: before.teamId,
      before: { prefix: before.prefix },
      after: { prefix, previousExpiresAt: after.previousExpiresAt },
    });
    return { ...after, secret };
  });
}
