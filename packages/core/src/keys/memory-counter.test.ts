import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryCounter } from './memory-counter.ts';

describe('a budget of requests', () => {
  test('is spent at once, and comes back one by one', async () => {
    let nowMs = 1_000;
    const counter = createMemoryCounter(() => nowMs);
    const take = async () => {
      const { allowed, states } = await counter.take([{ id: 'key:a', perMinute: 60 }]);
      return { allowed, ...states[0] };
    };
    for (let left = 59; left >= 0; left--) {
      expect(await take()).toEqual({
        allowed: true,
        remaining: left,
        resetMs: (60 - left) * 1_000,
        retryAfterMs: 0,
      });
    }
    expect(await take()).toEqual({ allowed: false, remaining: 0, resetMs: 60_000, retryAfterMs: 1_000 });
    nowMs += 999;
    expect(await take()).toMatchObject({ allowed: false, retryAfterMs: 1 });
    nowMs += 1;
    expect(await take()).toMatchObject({ allowed: true, remaining: 0 });
    nowMs += 10_500;
    expect(await take()).toMatchObject({ allowed: true, remaining: 9 });
    nowMs += 3_600_000;
    expect(await take()).toMatchObject({ allowed: true, remaining: 59 });
  });

  test('takes from all budgets or from none', async () => {
    let nowMs = 0;
    const counter = createMemoryCounter(() => nowMs);
    const both = () =>
      counter.take([
        { id: 'key:a', perMinute: 10 },
        { id: 'team:t', perMinute: 2 },
      ]);
    await both();
    await both();
    for (let i = 0; i < 5; i++) {
      const { allowed, states } = await both();
      expect(allowed).toBe(false);
      expect(states).toMatchObject([
        { remaining: 8, retryAfterMs: 0 },
        { remaining: 0, retryAfterMs: 30_000 },
      ]);
    }
    nowMs = 30_000;
    expect((await both()).allowed).toBe(true);
  });

  test('never gives more than it holds and what time has given back, whenever it is asked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 300 }),
        async (perMinute, pauses) => {
          let nowMs = 0;
          let given = 0;
          const counter = createMemoryCounter(() => nowMs);
          for (const pause of pauses) {
            nowMs += pause;
            const { allowed, states } = await counter.take([{ id: 'key:a', perMinute }]);
            if (allowed) given++;
            expect(given).toBeLessThanOrEqual(perMinute + (nowMs * perMinute) / 60_000 + 1e-6);
            // What it says of the next one is true.
            const [state] = states;
            if (!allowed && state) {
              expect(state.retryAfterMs).toBeGreaterThan(0);
              expect(state.retryAfterMs).toBeLessThanOrEqual(Math.ceil(60_000 / perMinute));
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('of less than one a minute is one at a time', async () => {
    let nowMs = 0;
    const counter = createMemoryCounter(() => nowMs);
    const take = () => counter.take([{ id: 'key:a', perMinute: 1 / 3 }]);
    expect((await take()).allowed).toBe(true);
    expect((await take()).states[0]?.retryAfterMs).toBe(180_000);
    nowMs = 180_000;
    expect((await take()).allowed).toBe(true);
  });
});
