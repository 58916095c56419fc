import { timingSafeEqual } from 'node:crypto';
import type { Scope } from '@reelgate/contract';
import type { Database, Signals } from '@reelgate/db';
import type { AdminPrincipal, Principal } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { Log, TokenVerifier } from '../ports/index.ts';
import { type KeyKind, parseKey } from './key-format.ts';
import { createLastUse } from './last-use.ts';
import type { GuessLimiter } from './limit-guesses.ts';
import { readPeppers } from './peppers.ts';
import { findAnyKeyByPrefix, KEYS_CHANNEL, rehashAnyKey } from './queries.ts';
import { tokenKeyPrefix } from './token-key.ts';

/** Without a signal, a change of a key is in force at latest this long after it, in ms. */
const CACHE_MS = 5_000;
const CACHE_MAX = 10_000;
/** A JWT: three parts in base64url. */
const TOKEN = /^[\w-]{10,}\.[\w-]{10,8000}\.[\w-]{10,2000}$/;
/** Who had a right key within this time is not kept waiting by what others guess, in ms. */
const TRUSTED_MS = 3_600_000;

export interface KeyAuthenticator {
  /** `address`: where the request comes from. Throws `invalid_api_key`, `team_disabled`, or `rate_limit_exceeded` after too many guesses. */
  team(secret: string, address: string): Promise<Principal>;
  /** As `team`; the key of a team is `invalid_api_key` here. */
  admin(secret: string, address: string): Promise<AdminPrincipal>;
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
  /** Why it is not accepted, though it is a key. */
  readonly refusal: ReelgateError | null;
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
  guesses: GuessLimiter;
  /** Of the company's sign-in, whose tokens are then as good as keys. */
  tokens?: TokenVerifier | undefined;
  log: Log;
}): KeyAuthenticator {
  const { db, log } = deps;
  const peppers = readPeppers(deps.pepper);
  const lastUse = createLastUse({ db, log });
  const known = new Map<string, Known>();
  const lookups = new Map<string, Promise<Known | null>>();
  const trustedUntilMs = new Map<string, number>();

  /** A look-up that began before the change must not be remembered, and not be joined, after it. */
  function forget(isMeant: (key: Known) => boolean): void {
    lookups.clear();
    for (const [id, key] of known) if (isMeant(key)) known.delete(id);
  }
  const unsubscribe = deps.signals.subscribe(KEYS_CHANNEL, {
    notified: (id) => forget((key) => key.keyId === id || key.principal?.teamId === id),
    missed: () => forget(() => true),
  });

  async function lookUp(secret: string, kind: KeyKind, prefix: string): Promise<Known | null> {
    const beganAtMs = performance.now();
    const row = await findAnyKeyByPrefix(db, prefix);
    const hash = row === null ? null : peppers.hash(secret, row.pepperVersion);
    if (!row?.hash || hash === null || !isSame(row.hash, hash) || row.kind !== kind) return null;
    if (row.current && row.pepperVersion !== peppers.newest) void renewHash(row.id, secret, hash);
    const refusal = refusalOf(row);
    return {
      keyId: row.id,
      kind,
      principal: principalOf(row),
      admin: adminOf(row),
      refusal,
      untilMs: beganAtMs + (refusal ? CACHE_MS : Math.min(CACHE_MS, row.expiresInMs ?? CACHE_MS)),
    };
  }

  async function lookUpToken(token: string, tokens: TokenVerifier): Promise<Known | null> {
    const beganAtMs = performance.now();
    const verified = await tokens.verify(token).catch((error: unknown) => {
      log.error('sso.issuer_away', { error });
      throw new ReelgateError(
        'service_unavailable',
        'Tokens cannot be checked at the moment. Please try again.',
        {
          retryAfterSeconds: 5,
          cause: error,
        },
      );
    });
    if (!verified) return null;
    const row = await findAnyKeyByPrefix(db, await tokenKeyPrefix({ db, peppers }, verified));
    if (!row) return null;
    const goodForMs = Math.min(CACHE_MS, row.expiresInMs ?? CACHE_MS, verified.expiresInMs);
    const refusal = refusalOf(row);
    return {
      keyId: row.id,
      kind: row.kind,
      principal: principalOf(row),
      admin: null,
      refusal,
      untilMs: beganAtMs + (refusal ? CACHE_MS : goodForMs),
    };
  }

  /** Null for what can be no credential at all: then nothing is looked up. */
  function readCredential(secret: string, address: string) {
    const key = parseKey(secret);
    if (key) return { guessedAt: key.prefix, lookUp: () => lookUp(secret, key.kind, key.prefix) };
    const { tokens } = deps;
    if (!tokens || !TOKEN.test(secret)) return null;
    return { guessedAt: `token from ${address}`, lookUp: () => lookUpToken(secret, tokens) };
  }

  async function renewHash(id: string, secret: string, from: string): Promise<void> {
    try {
      const hash = peppers.hash(secret, peppers.newest) ?? from;
      await rehashAnyKey(db, id, from, { hash, pepperVersion: peppers.newest });
    } catch (error) {
      log.warn('key.not_rehashed', { keyId: id, error });
    }
  }

  async function find(secret: string, address: string): Promise<Known> {
    const credential = readCredential(secret, address);
    if (!credential) throw refused('Incorrect API key provided.');
    // Not the secret itself: memory gets dumped.
    const id = peppers.hash(secret, peppers.newest) ?? '';
    const hit = known.get(id);
    if (hit && hit.untilMs > performance.now()) return hit;
    known.delete(id);
    if (!((trustedUntilMs.get(id) ?? 0) > performance.now()))
      deps.guesses.check(address, credential.guessedAt);
    const running = lookups.get(id);
    const lookup = running ?? credential.lookUp();
    lookups.set(id, lookup);
    try {
      const key = await lookup;
      if (!key) {
        deps.guesses.wrong(address, credential.guessedAt);
        throw refused('Incorrect API key provided.');
      }
      if (lookups.get(id) === lookup) remember(id, key);
      return key;
    } finally {
      if (lookups.get(id) === lookup) lookups.delete(id);
    }
  }

  function remember(id: string, key: Known): void {
    if (known.size >= CACHE_MAX) known.clear();
    known.set(id, key);
    if (trustedUntilMs.size >= CACHE_MAX) trustedUntilMs.clear();
    trustedUntilMs.set(id, performance.now() + TRUSTED_MS);
  }

  return {
    async team(secret, address) {
      const { principal, refusal } = await find(secret, address);
      if (!principal) throw refused('An admin key administers Reelgate and makes no videos.');
      if (refusal) throw refusal;
      lastUse.seen(principal.keyId);
      return principal;
    },
    async admin(secret, address) {
      const { admin, refusal } = await find(secret, address);
      if (!admin) throw refused('This is the API key of a team; administration takes an admin key.');
      if (refusal) throw refusal;
      lastUse.seen(admin.id);
      return admin;
    },
    async close() {
      unsubscribe();
      await lastUse.close();
    },
  };
}

type KeyRow = NonNullable<Awaited<ReturnType<typeof findAnyKeyByPrefix>>>;

function principalOf(row: KeyRow): Principal | null {
  if (row.teamId === null) return null;
  return {
    keyId: row.id,
    teamId: row.teamId,
    isTest: row.kind === 'test',
    scopes: row.scopes as Scope[] | null,
    models: row.models,
    requestsPerMinute: { key: row.keyPerMinute, team: row.teamPerMinute },
  };
}

function adminOf(row: KeyRow): AdminPrincipal | null {
  if (row.kind !== 'admin') return null;
  return {
    kind: 'admin_key',
    id: row.id,
    name: row.name,
    email: null,
    role: row.role ?? 'admin',
    teamIds: row.roleTeamIds ?? [],
  };
}

/** Whoever has the whole secret may know what became of it. */
function refusalOf(row: KeyRow): ReelgateError | null {
  if (row.revoked) return refused('This API key has been revoked.');
  if (row.expiresInMs !== null && row.expiresInMs <= 0) return refused('This API key has expired.');
  if (!row.teamDisabled) return null;
  return new ReelgateError('team_disabled', 'Your team is switched off. Ask an administrator of Reelgate.');
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
