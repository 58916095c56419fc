import { type Database, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import type { KeyWithSecret } from './create-key.ts';
import { generateKey } from './key-format.ts';
import { readPeppers } from './peppers.ts';
import { announceChange, findKey, replaceSecret } from './queries.ts';
import { refuseRevoked } from './update-key.ts';

const MAX_OVERLAP_MS = 30 * 24 * 3_600_000;

/**
 * Gives a key a new secret. The one before stays good for `overlapMs`, so that nobody who uses it is cut off; one from before
 * that ends now. Throws `key_not_found`, and `invalid_value` for a revoked key or an overlap of more than 30 days.
 */
export async function rotateKey(
  ctx: { db: Database; pepper: string },
  teamId: string | null,
  id: string,
  overlapMs: number,
): Promise<KeyWithSecret> {
  if (!(overlapMs >= 0 && overlapMs <= MAX_OVERLAP_MS)) {
    throw new ReelgateError('invalid_value', 'The old secret can live for 0 to 720 hours more.', {
      param: 'overlap_hours',
    });
  }
  const { newest, hash } = readPeppers(ctx.pepper);
  return await transaction(ctx.db, async (tx) => {
    const key = await findKey(tx, teamId, id, { lock: true });
    const { secret, prefix } = generateKey(key?.kind ?? 'live');
    const row = await replaceSecret(
      tx,
      teamId,
      id,
      { prefix, hash: hash(secret, newest) ?? '', pepperVersion: newest },
      overlapMs,
    );
    if (!row) return await refuseRevoked(tx, teamId, id);
    await announceChange(tx, id);
    return { ...row, secret };
  });
}
