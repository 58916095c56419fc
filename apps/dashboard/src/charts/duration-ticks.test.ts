import { expect, test } from 'vitest';
import { durationTicks } from './duration-ticks.ts';

test.each([
  [0, [0, 1]],
  [4.2, [0, 1, 2, 3, 4, 5]],
  [47, [0, 10, 20, 30, 40, 50]],
  [800, [0, 300, 600, 900]],
  [90_000, [0, 21_600, 43_200, 64_800, 86_400, 108_000]],
])('up to %d seconds', (most, ticks) => {
  expect(durationTicks(most)).toEqual(ticks);
});

test('never too many', () => {
  for (const most of [1, 61, 601, 3_601, 86_401, 10_000_000]) {
    const ticks = durationTicks(most);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
  }
});
