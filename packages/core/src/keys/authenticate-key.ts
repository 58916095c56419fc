import { timingSafeEqual } from 'node:crypto';
import type { Scope } from '@reelgate/contract';
import type { Database, Signals } from '@reelgate/db';
import type { AdminPrincipal, Principal } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { Log } from '../ports.ts';
import { type KeyKind, parseKey } from './key-format.ts';
import { createLastUse } from './last-use.ts';
import { readPeppers } from './peppers.ts';
import { findAnyKeyByPrefix, KEYS_CHANNEL, rehashAnyKey } from './queries.ts';

/** Without a signal, a change of a key is in force at latest this long after it, in ms. */
const CACHE_MS = 5_000;
const CACHE_MAX = 10_000;

export interface KeyAuthenticator {
  /** Throws `invalid_api_key`, or `team_disabled`. */
  team(secret: string): Promise<Principal>;
  /** Throws `invalid_api_key`, also for the key of a team. */
  admin(secret: string): Promise<AdminPrincipal>;
  /** Writes down the last uses. */
  close(): Promise<void>;
}

interface Known {
  readonly keyId: string;
  readonly kind: KeyKind;
  /** Null for an admin key. */
  readonly principal: Principal | null;
  /** Null for the key of a team. */
  readonly admin: AdminPrincipal | null;
  readonly teamDisabled: boolean;
  /** Of the monotonic clock. */
  readonly untilMs: number;
}

/**
 * Answers from memory for up to five seconds; only keys that exist are remembered, so that guesses cannot fill it. A signal
 * makes it forget at once. Requests that come together with an unknown key wait for one look-up.
 */
export function createKeyAuthenticator(deps: {
  db: Database;
  pepper: string;
  signals: Pick<Signals, 'subscribe'>;
  log: Log;
}): KeyAuthenticator {
  const { db, log } = deps;
  const peppers = readPeppers(deps.pepper);
  const lastUse = createLastUse({ db, log });
  const known = new Map<string, Known>();
  const lookups = new Map<string, Promise<Known>>();

  /** A look-up that began before the change must not be remembered, and not be joined, after it. */
  function forget(isMeant: (key: Known) => boolean): void {
    lookups.clear();
    for (const [id, key] of known) if (isMeant(key)) known.delete(id);
  }
  const unsubscribe = deps.signals.subscribe(KEYS_CHANNEL, {
    notified: (id) => forget((key) => key.keyId === id || key.principal?.teamId === id),
    missed: () => forget(() => true),
  });

  async function lookUp(secret: string, kind: KeyKind, prefix: string): Promise<Known> {
    const beganAtMs = performance.now();
    const row = await findAnyKeyByPrefix(db, prefix);
    const hash = row === null ? null : peppers.hash(secret, row.pepperVersion);
    if (!row?.hash || hash === null || !isSame(row.hash, hash) || row.kind !== kind) {
      throw refused('Incorrect API key provided.');
    }
    // Whoever has the whole secret may know what became of it.
    if (row.revoked) throw refused('This API key has been revoked.');
    if (row.expiresInMs !== null && row.expiresInMs <= 0) throw refused('This API key has expired.');
    if (row.current && row.pepperVersion !== peppers.newest) {
      const newest = peppers.hash(secret, peppers.newest);
      const rehashed =
        newest && rehashAnyKey(db, row.id, hash, { hash: newest, pepperVersion: peppers.newest });
      Promise.resolve(rehashed).catch((error) => log.warn('key.not_rehashed', { keyId: row.id, error }));
    }
    return {
      keyId: row.id,
      kind,
      principal:
        row.teamId === null
          ? null
          : {
              keyId: row.id,
              teamId: row.teamId,
              isTest: kind === 'test',
              scopes: row.scopes as Scope[] | null,
              models: row.models,
              requestsPerMinute: { key: row.keyPerMinute, team: row.teamPerMinute },
            },
      admin:
        kind === 'admin'
          ? {
              kind: 'admin_key',
              id: row.id,
              name: row.name,
              email: null,
              role: row.role ?? 'admin',
              teamIds: row.roleTeamIds ?? [],
            }
          : null,
      teamDisabled: row.teamDisabled,
      untilMs: beganAtMs + Math.min(CACHE_MS, row.expiresInMs ?? CACHE_MS),
    };
  }

  async function find(secret: string): Promise<Known> {
    // Not the secret itself: memory gets dumped.
    const id = peppers.hash(secret, peppers.newest) ?? '';
    const hit = known.get(id);
    if (hit && hit.untilMs > performance.now()) return hit;
    known.delete(id);
    const parsed = parseKey(secret);
    if (!parsed) throw refused('Incorrect API key provided.');
    const running = lookups.get(id);
    if (running) return await running;
    const lookup = lookUp(secret, parsed.kind, parsed.prefix);
    lookups.set(id, lookup);
    try {
      const key = await lookup;
      if (lookups.get(id) !== lookup) return key;
      if (known.size >= CACHE_MAX) known.clear();
      known.set(id, key);
      return key;
    } finally {
      if (lookups.get(id) === lookup) lookups.delete(id);
    }
  }

  return {
    async team(secret) {
      const { principal, teamDisabled } = await find(secret);
      if (!principal) throw refused('An admin key administers Reelgate and makes no videos.');
      if (teamDisabled)
        throw new ReelgateError(
          'team_disabled',
          'Your team is switched off. Ask an administrator of Reelgate.',
        );
      lastUse.seen(principal.keyId);
      return principal;
    },
    async admin(secret) {
      const { admin } = await find(secret);
      if (!admin) throw refused('This is the API key of a team; administration takes an admin key.');
      lastUse.seen(admin.id);
      return admin;
    },
    async close() {
      unsubscribe();
      await lastUse.close();
    },
  };
}

function isSame(stored: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(stored, 'hex'), Buffer.from(hash, 'hex'));
}

function refused(what: string): ReelgateError {
  return new ReelgateError(
    'invalid_api_key',
    `${what} Ask an administrator of Reelgate for a key of your team.`,
  );
}
