/** The two places where requests are counted do the same sums. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRedisCounter } from '@reelgate/adapters/redis-counter';
import {
  createGuessLimiter,
  createMemoryCounter,
  createRequestLimiter,
  type RequestCounter,
  UNRESTRICTED,
} from '@reelgate/core';
import { type RedisServer, startRedis } from '@reelgate/embedded';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
let directory: string;
let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reelgate-counter-'));
  server = await startRedis({ directory });
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis?.disconnect();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => redis.flushall());

async function connected(url: string) {
  const counter = createRedisCounter({ url, log });
  await vi.waitUntil(
    () =>
      counter.take([]).then(
        () => true,
        () => false,
      ),
    10_000,
  );
  return counter;
}

const budget = (perMinute: number, id = 'key:a') => ({ id, perMinute });

describe('both counters', () => {
  let counters: [string, RequestCounter][];
  let shared: Awaited<ReturnType<typeof connected>>;
  beforeAll(async () => {
    shared = await connected(server.url);
    counters = [
      ['memory', createMemoryCounter()],
      ['redis', shared],
    ];
  });
  afterAll(() => shared?.close());

  test('give exactly what there is to 64 who ask at once', async () => {
    for (const [name, counter] of counters) {
      const answers = await Promise.all(Array.from({ length: 64 }, () => counter.take([budget(10)])));
      expect([name, answers.filter(({ allowed }) => allowed).length]).toEqual([name, 10]);
      const refused = answers.find(({ allowed }) => !allowed)?.states[0];
      expect(refused).toMatchObject({ remaining: 0 });
      expect(refused?.retryAfterMs).toBeGreaterThan(0);
      expect(refused?.retryAfterMs).toBeLessThanOrEqual(6_000);
    }
  });

  test('give one back when its time has come, and not before', async () => {
    for (const [name, counter] of counters) {
      const fast = budget(600, 'key:fast');
      while ((await counter.take([fast])).allowed);
      const { states } = await counter.take([fast]);
      const retryAfterMs = states[0]?.retryAfterMs ?? 0;
      expect(retryAfterMs).toBeLessThanOrEqual(100);
      const startedAt = performance.now();
      await vi.waitUntil(async () => (await counter.take([fast])).allowed, { timeout: 2_000, interval: 1 });
      expect([name, performance.now() - startedAt]).toEqual([
        name,
        expect.toSatisfy((ms: number) => ms > retryAfterMs - 20),
      ]);
    }
  });

  test('take from the key and the team, or from neither', async () => {
    for (const [name, counter] of counters) {
      const both = [budget(10, 'key:b'), budget(2, 'team:t')];
      await counter.take(both);
      await counter.take(both);
      for (let i = 0; i < 5; i++) await counter.take(both);
      const { allowed, states } = await counter.take(both);
      expect([name, allowed]).toEqual([name, false]);
      expect(states).toMatchObject([{ remaining: 8, retryAfterMs: 0 }, { remaining: 0 }]);
    }
  });
});

describe('guesses at keys', () => {
  const isHeld = (limiter: ReturnType<typeof createGuessLimiter>, address: string, prefix: string) => {
    try {
      limiter.check(address, prefix);
      return false;
    } catch {
      return true;
    }
  };

  test('are counted for all gateways together, by address and by key', async () => {
    const counter = await connected(server.url);
    try {
      const gateways = [1, 2].map(() => createGuessLimiter(6, { shared: counter }));
      const [first, second] = gateways as [(typeof gateways)[0], (typeof gateways)[0]];
      for (let n = 0; n < 6; n++) first.wrong('192.0.2.1', `prefix${n}`);
      expect(isHeld(first, '192.0.2.1', 'other')).toBe(true);
      await vi.waitUntil(async () => (await redis.keys('*guess:*')).length === 7, 10_000);
      // The other gateway knows nothing of it until it sees one for itself.
      second.wrong('192.0.2.1', 'another');
      await vi.waitUntil(() => isHeld(second, '192.0.2.1', 'other'), 10_000);
      expect(isHeld(second, '192.0.2.2', 'other')).toBe(false);
    } finally {
      await counter.close();
    }
  });

  test('are counted by a gateway alone while Redis is away', async () => {
    const away: RequestCounter = { take: () => Promise.reject(new Error('away')) };
    const limiter = createGuessLimiter(3, { shared: away });
    for (let n = 0; n < 3; n++) limiter.wrong('192.0.2.1', 'prefix');
    expect(isHeld(limiter, '192.0.2.1', 'prefix')).toBe(true);
    expect(isHeld(limiter, '192.0.2.9', 'other')).toBe(false);
  });
});

test('what Redis keeps is gone when the budget is whole again', async () => {
  const counter = await connected(server.url);
  await counter.take([budget(60_000)]);
  await vi.waitUntil(async () => (await redis.dbsize()) === 0, { timeout: 2_000, interval: 10 });
  await counter.close();
});

test.each([
  ['maxmemory', '1', '0'],
  ['min-replicas-to-write', '1', '0'],
])(
  'a gateway counts alone while Redis refuses writes (%s), and with the others afterwards',
  async (setting, refusing, taking) => {
    const counter = await connected(server.url);
    const limit = createRequestLimiter({ shared: counter, replicas: 2, log });
    const principal = {
      ...UNRESTRICTED,
      keyId: `key_${setting}`,
      teamId: 'team_1',
      requestsPerMinute: { key: 10, team: null },
    };
    const burst = async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => limit(principal)));
      return answers.filter(({ allowed }) => allowed).length;
    };
    log.warn.mockClear();
    await redis.config('SET', setting, refusing);
    try {
      expect(await burst()).toBe(5);
      expect(log.warn).toHaveBeenCalledWith('requests.counted_alone', { error: expect.any(Error) });
    } finally {
      await redis.config('SET', setting, taking);
    }
    await vi.waitUntil(async () => (await burst()) === 10, { timeout: 5_000, interval: 200 });
    await counter.close();
  },
);

test('two gateways count together, and each alone while Redis is away', async () => {
  const principal = {
    ...UNRESTRICTED,
    keyId: 'key_1',
    teamId: 'team_1',
    requestsPerMinute: { key: 10, team: null },
  };
  const counters = [await connected(server.url), await connected(server.url)];
  const limiters = counters.map((shared) => createRequestLimiter({ shared, replicas: 2, log }));
  const burst = async () => {
    const answers = await Promise.all(
      limiters.flatMap((limit) => Array.from({ length: 20 }, () => limit(principal))),
    );
    return answers.filter(({ allowed }) => allowed).length;
  };
  expect(await burst()).toBe(10);
  expect(log.warn).not.toHaveBeenCalled();

  const { port, url } = server;
  await server.stop();
  const startedAt = performance.now();
  expect(await burst()).toBe(2 * 5);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(log.warn).toHaveBeenCalledWith('requests.counted_alone', { error: expect.any(Error) });

  server = await startRedis({ directory, port });
  redis.disconnect();
  redis = new Redis(server.url);
  // Each start makes a new password; clients come back with the one they know.
  await redis.config('SET', 'requirepass', decodeURIComponent(new URL(url).password));
  await redis.flushall();
  await vi.waitUntil(async () => (await burst()) === 10, { timeout: 5_000, interval: 200 });
  await Promise.all(counters.map((counter) => counter.close()));
});

test('who has no limit is not counted, and hears of none', async () => {
  const take = vi.fn();
  const limit = createRequestLimiter({ shared: { take }, replicas: 1, log });
  expect(await limit({ ...UNRESTRICTED, keyId: 'key_1', teamId: 'team_1' })).toEqual({
    allowed: true,
    limits: [],
    retryAfterSeconds: 0,
  });
  expect(take).not.toHaveBeenCalled();
});

test('nobody is told to wait longer than an SDK would', async () => {
  const limit = createRequestLimiter({ shared: null, replicas: 4, log });
  const slow = {
    ...UNRESTRICTED,
    keyId: 'key_1',
    teamId: 'team_1',
    requestsPerMinute: { key: 1, team: null },
  };
  expect((await limit(slow)).allowed).toBe(true);
  expect(await limit(slow)).toMatchObject({ allowed: false, retryAfterSeconds: 60 });
});
