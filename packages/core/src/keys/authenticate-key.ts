import { timingSafeEqual } from 'node:crypto';
import type { Database } from '@reelgate/db';
import type { Principal } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { hashKey, parseKey } from './key-format.ts';
import { findKeyByPrefix } from './queries.ts';

/** A revoked or expired key is refused at latest this long after the change, in ms. */
const CACHE_MS = 5_000;
const CACHE_MAX = 10_000;

/** Resolves to the principal, or throws `invalid_api_key`, the same for every reason. */
export type KeyAuthenticator = (secret: string) => Promise<Principal>;

/** Answers from memory for up to five seconds; only keys that exist are remembered, so that guesses cannot fill it. */
export function createKeyAuthenticator(deps: { db: Database; pepper: string }): KeyAuthenticator {
  const cache = new Map<string, { principal: Principal; until: number }>();

  return async (secret) => {
    const parsed = parseKey(secret);
    if (!parsed) throw refused();
    const hash = hashKey(secret, deps.pepper);
    const hit = cache.get(hash);
    if (hit && hit.until > performance.now()) return hit.principal;
    cache.delete(hash);
    const row = await findKeyByPrefix(deps.db, parsed.prefix);
    const same = row !== null && timingSafeEqual(Buffer.from(row.hash, 'hex'), Buffer.from(hash, 'hex'));
    if (!same || !row.usable) throw refused();
    const principal: Principal = { keyId: row.id, teamId: row.teamId };
    if (cache.size >= CACHE_MAX) cache.clear();
    cache.set(hash, { principal, until: performance.now() + CACHE_MS });
    return principal;
  };
}

function refused(): ReelgateError {
  return new ReelgateError(
    'invalid_api_key',
    'Incorrect API key provided. Ask an administrator of Reelgate for a key of your team.',
  );
}
