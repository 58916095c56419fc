import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { crc32 } from 'node:zlib';
import {
  createGuessLimiter,
  createKey,
  createKeyAuthenticator,
  createTeam,
  getKey,
  listKeys,
  revokeKey,
  rotateKey,
  updateKey,
  updateTeam,
} from '@reelgate/core';
import { createSignals, type Signals } from '@reelgate/db';
import { createTestDatabase, type TestDatabase } from '@reelgate/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const PEPPER = 'a pepper for tests';
const HOUR = 3_600;
const log = { debug: () => {}, info: () => {}, warn: vi.fn(), error: vi.fn() };
/** Of a process that is told nothing: it has only its own clock. */
const deaf: Pick<Signals, 'subscribe'> = { subscribe: () => () => {} };

let database: TestDatabase;
let signals: Signals;
let ctx: { db: TestDatabase['db']; pepper: string; scope: 'all' };
let teamId: string;
let keys: ReturnType<typeof authenticator>;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = { db: database.db, pepper: PEPPER, scope: 'all' };
  teamId = (await createTeam(ctx, { name: 'films' })).id;
  signals = createSignals({ url: database.url, log });
  keys = authenticator({ ...ctx, signals, log });
});
afterAll(async () => {
  await keys.close();
  await signals.close();
  await database.close();
});

const newKey = (more: Partial<Parameters<typeof createKey>[1]> = {}) =>
  createKey(ctx, { teamId, name: 'a key', ...more });
/** Every request comes from one address, and guesses are not what is tested. */
function authenticator(deps: Omit<Parameters<typeof createKeyAuthenticator>[0], 'guesses'>) {
  const made = createKeyAuthenticator({ guesses: createGuessLimiter(1_000), ...deps });
  return {
    team: (secret: string) => made.team(secret, '127.0.0.1'),
    admin: (secret: string) => made.admin(secret, '127.0.0.1'),
    close: made.close,
  };
}

const refusal = (authenticated: Promise<unknown>) =>
  authenticated.then(
    () => 'accepted',
    (error) => error.code as string,
  );

describe('a key', () => {
  test('is who asks, with everything that it may', async () => {
    const key = await newKey({
      kind: 'test',
      scopes: ['videos:read'],
      models: ['sora-2'],
      requestsPerMinute: 60,
    });
    expect(key.secret).toMatch(/^rg_test_/);
    expect(await keys.team(key.secret)).toEqual({
      keyId: key.id,
      teamId,
      isTest: true,
      scopes: ['videos:read'],
      models: ['sora-2'],
      requestsPerMinute: { key: 60, team: null },
    });
    const { secret, ...shown } = key;
    expect(await getKey(ctx, key.id)).toMatchObject(shown);
    const { keys: listed } = await listKeys(ctx, { teamId }, { after: null, limit: 100 });
    expect(listed.map(({ id }) => id)).toContain(key.id);
    expect(inspect(listed)).not.toContain(secret.slice(17));
  });

  test.each([
    ['an empty name', { name: ' ' }, 'name'],
    ['no scope at all', { scopes: [] }, 'scopes'],
    ['a scope that there is not', { scopes: ['everything' as never] }, 'scopes'],
    ['no model at all', { models: [] }, 'models'],
    ['half a request', { requestsPerMinute: 0.5 }, 'requests_per_minute'],
    ['an end in the past', { expiresAt: new Date(Date.now() - 1_000) }, 'expires_at'],
  ])('cannot have %s', async (_, settings, param) => {
    await expect(newKey(settings)).rejects.toMatchObject({ code: 'invalid_value', details: { param } });
    const { id } = await newKey();
    await expect(updateKey(ctx, id, settings)).rejects.toMatchObject({ details: { param } });
  });

  test('of an admin belongs to no team, and is not one of a team', async () => {
    const admin = await createKey(ctx, { teamId: null, name: 'root' });
    expect(admin).toMatchObject({ kind: 'admin', teamId: null, secret: expect.stringMatching(/^rg_admin_/) });
    expect(await keys.admin(admin.secret)).toMatchObject({ kind: 'admin_key', id: admin.id, role: 'admin' });
    expect(await refusal(keys.team(admin.secret))).toBe('invalid_api_key');
    expect(await refusal(keys.admin((await newKey()).secret))).toBe('invalid_api_key');
    await expect(newKey({ kind: 'admin' })).rejects.toMatchObject({ details: { param: 'kind' } });
    await expect(createKey(ctx, { teamId: null, name: 'x', kind: 'live' })).rejects.toMatchObject({
      details: { param: 'kind' },
    });
    // The database itself says so, too.
    await expect(
      database.db.$client.query('update api_keys set team_id = $1 where id = $2', [teamId, admin.id]),
    ).rejects.toThrow('api_keys_team_of_kind');
  });

  test('of another team is not found, whatever is asked of it', async () => {
    const { id, secret } = await newKey();
    const other = (await createTeam(ctx, { name: 'other' })).id;
    for (const scope of [[other], 'deployment'] as const) {
      const theirs = { ...ctx, scope };
      for (const ask of [
        () => getKey(theirs, id),
        () => updateKey(theirs, id, { name: 'mine' }),
        () => rotateKey(theirs, id, 0),
        () => revokeKey(theirs, id),
      ]) {
        await expect(ask()).rejects.toMatchObject({ code: 'key_not_found' });
      }
    }
    expect(await refusal(keys.team(secret))).toBe('accepted');
  });

  test('is looked up once by a hundred requests that come together', async () => {
    const { secret } = await newKey();
    const query = vi.spyOn(database.db.$client, 'query');
    await Promise.all(Array.from({ length: 100 }, () => keys.team(secret)));
    await keys.team(secret);
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
  });

  test('was last used in this minute, which is written beside the requests and once', async () => {
    const alone = authenticator({ ...ctx, signals: deaf, log });
    const { id, secret } = await newKey();
    await alone.team(secret);
    const lastUsed = async () => (await getKey(ctx, id)).lastUsedAt;
    await vi.waitUntil(async () => (await lastUsed()) !== null, { timeout: 5_000 });
    const first = await lastUsed();
    await alone.team(secret);
    await alone.close();
    expect(await lastUsed()).toEqual(first);
  });
});

describe('a change is in force', () => {
  test('at once, where the gateway is told', async () => {
    const { id, secret } = await newKey();
    await keys.team(secret);
    await updateKey(ctx, id, { scopes: ['usage:read'], requestsPerMinute: 5 });
    await vi.waitUntil(async () => (await keys.team(secret)).scopes?.[0] === 'usage:read', {
      timeout: 2_000,
    });
    await updateTeam(ctx, teamId, { disabled: true, requestsPerMinute: 9 });
    await vi.waitUntil(async () => (await refusal(keys.team(secret))) === 'team_disabled', {
      timeout: 2_000,
    });
    await updateTeam(ctx, teamId, { disabled: false });
    await vi.waitUntil(async () => (await refusal(keys.team(secret))) === 'accepted', { timeout: 2_000 });
    expect((await keys.team(secret)).requestsPerMinute).toEqual({ key: 5, team: 9 });
    await revokeKey(ctx, id);
    await vi.waitUntil(async () => (await refusal(keys.team(secret))) === 'invalid_api_key', {
      timeout: 2_000,
    });
    await revokeKey(ctx, id);
    expect(await getKey(ctx, id)).toMatchObject({ state: 'revoked' });
    await expect(updateKey(ctx, id, { name: 'x' })).rejects.toMatchObject({ code: 'invalid_value' });
    await expect(rotateKey(ctx, id, 0)).rejects.toMatchObject({ code: 'invalid_value' });
  });

  test('within five seconds, where it is told nothing', async () => {
    const alone = authenticator({ ...ctx, signals: deaf, log });
    const { id, secret } = await newKey();
    await alone.team(secret);
    await revokeKey(ctx, id);
    expect(await refusal(alone.team(secret))).toBe('accepted');
    const startedAt = performance.now();
    await vi.waitUntil(async () => (await refusal(alone.team(secret))) === 'invalid_api_key', {
      timeout: 8_000,
    });
    expect(performance.now() - startedAt).toBeLessThan(5_500);
    await alone.close();
  });

  test('though a look-up from before it comes to its end after it', async () => {
    let notified = (_: string) => {};
    const told = authenticator({
      ...ctx,
      log,
      signals: {
        subscribe: (_, subscriber) => {
          notified = subscriber.notified;
          return () => {};
        },
      },
    });
    const { id, secret } = await newKey();
    const early = told.team(secret);
    notified(id);
    await early;
    const query = vi.spyOn(database.db.$client, 'query');
    await told.team(secret);
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
    await told.close();
  });

  test('to the moment, where a key expires', async () => {
    const alone = authenticator({ ...ctx, signals: deaf, log });
    const { id, secret } = await newKey();
    await database.db.$client.query(
      "update api_keys set expires_at = clock_timestamp() + interval '300 ms' where id = $1",
      [id],
    );
    expect(await refusal(alone.team(secret))).toBe('accepted');
    await vi.waitUntil(async () => (await refusal(alone.team(secret))) === 'invalid_api_key', {
      timeout: 2_000,
      interval: 20,
    });
    await alone.close();
  });
});

describe('rotation', () => {
  test('gives a new secret and lets the old one live for a while, under the same key', async () => {
    const key = await newKey();
    const rotated = await rotateKey(ctx, key.id, HOUR);
    expect(rotated).toMatchObject({ id: key.id, previousPrefix: key.prefix });
    for (const secret of [key.secret, rotated.secret])
      expect(await keys.team(secret)).toMatchObject({ keyId: key.id });
    const again = await rotateKey(ctx, key.id, HOUR);
    await vi.waitUntil(async () => (await refusal(keys.team(key.secret))) === 'invalid_api_key', {
      timeout: 2_000,
    });
    for (const secret of [rotated.secret, again.secret])
      expect(await refusal(keys.team(secret))).toBe('accepted');
    await revokeKey(ctx, key.id);
    for (const secret of [rotated.secret, again.secret])
      await vi.waitUntil(async () => (await refusal(keys.team(secret))) === 'invalid_api_key', {
        timeout: 2_000,
      });
  });

  test('ends the old secret when its time is up, and at once without an overlap', async () => {
    const key = await newKey();
    const rotated = await rotateKey(ctx, key.id, 0.2);
    expect(await refusal(keys.team(key.secret))).toBe('accepted');
    await vi.waitUntil(async () => (await refusal(keys.team(key.secret))) === 'invalid_api_key', {
      timeout: 2_000,
      interval: 20,
    });
    expect(await refusal(keys.team(rotated.secret))).toBe('accepted');
    const last = await rotateKey(ctx, key.id, 0);
    await vi.waitUntil(async () => (await refusal(keys.team(rotated.secret))) === 'invalid_api_key', {
      timeout: 2_000,
    });
    expect(await refusal(keys.team(last.secret))).toBe('accepted');
    await expect(rotateKey(ctx, key.id, 31 * 24 * HOUR)).rejects.toMatchObject({
      details: { param: 'overlap_seconds' },
    });
  });

  test('of the pepper: a key that is used moves on to the new one, and needs the old one no more', async () => {
    const [used, unused] = [await newKey(), await newKey()];
    const both = authenticator({
      db: ctx.db,
      signals: deaf,
      log,
      pepper: `2:a fresh pepper for tests,1:${PEPPER}`,
    });
    await both.team(used.secret);
    const version = async () =>
      (await database.db.$client.query('select pepper_version from api_keys where id = $1', [used.id]))
        .rows[0].pepper_version;
    await vi.waitUntil(async () => (await version()) === 2, { timeout: 2_000 });
    await both.close();
    const fresh = authenticator({
      db: ctx.db,
      signals: deaf,
      log,
      pepper: '2:a fresh pepper for tests',
    });
    expect(await refusal(fresh.team(used.secret))).toBe('accepted');
    expect(await refusal(fresh.team(unused.secret))).toBe('invalid_api_key');
    await fresh.close();
  });
});

describe('guessing', () => {
  const address = '192.0.2.7';
  const unknown = () => generated().secret;

  test('is slowed down by where it comes from, before anything is looked up, and others are not', async () => {
    const guarded = createKeyAuthenticator({ ...ctx, signals: deaf, log, guesses: createGuessLimiter(5) });
    const right = await newKey();
    await guarded.team(right.secret, address);
    for (let guess = 0; guess < 5; guess++)
      expect(await refusal(guarded.team(unknown(), address))).toBe('invalid_api_key');
    const query = vi.spyOn(database.db.$client, 'query');
    await expect(guarded.team(unknown(), address)).rejects.toMatchObject({
      code: 'rate_limit_exceeded',
      details: { retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds > 0 && seconds <= 12) },
    });
    expect(query).not.toHaveBeenCalled();
    query.mockRestore();
    // Neither another address, nor who had a right key from here before.
    expect(await refusal(guarded.team(unknown(), '192.0.2.8'))).toBe('invalid_api_key');
    await updateKey(ctx, right.id, { name: 'renamed' });
    expect(await refusal(guarded.team(right.secret, address))).toBe('accepted');
    await guarded.close();
  });

  test('is slowed down by the key it is about, from however many addresses', async () => {
    const guarded = createKeyAuthenticator({ ...ctx, signals: deaf, log, guesses: createGuessLimiter(5) });
    const { prefix } = await newKey();
    const guess = (n: number) => refusal(guarded.team(generated(prefix).secret, `192.0.2.${n}`));
    for (let n = 0; n < 5; n++) expect(await guess(n)).toBe('invalid_api_key');
    expect(await guess(99)).toBe('rate_limit_exceeded');
    await guarded.close();
  });
});

/** A well-formed key that nobody has. */
function generated(prefix = randomBytes(4).toString('hex')): { secret: string } {
  const body = `rg_live_${prefix}_${randomBytes(16).toString('hex')}`;
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let sum = '';
  for (let rest = crc32(body), i = 0; i < 6; i++, rest = Math.floor(rest / 62))
    sum = alphabet[rest % 62] + sum;
  return { secret: body + sum };
}
