import { expect, test } from 'vitest';
import { nextLookMs } from './next-look.ts';

const intervalMs = 5_000;

test.each([
  ['a young one at the interval', { ageMs: 10_000 }, 5_000],
  ['an old one at three times that', { ageMs: 301_000 }, 15_000],
  ['one that has long to go less often', { ageMs: 20_000, progress: 10, runningMs: 20_000 }, 15_000],
  ['one that is about to end at the interval', { ageMs: 900_000, progress: 98, runningMs: 100_000 }, 5_000],
  ['one in between by its own pace', { ageMs: 60_000, progress: 50, runningMs: 30_000 }, 10_000],
  ['as its upstream asks', { ageMs: 10_000, askedMs: 12_000 }, 12_000],
  ['not more often than the account allows', { ageMs: 10_000, askedMs: 1 }, 5_000],
  ['and never in an hour', { ageMs: 10_000, askedMs: 3_600_000 }, 60_000],
])('looks at %s', (_, render, expected) => {
  expect(nextLookMs({ intervalMs, ...render })).toBe(expected);
});
