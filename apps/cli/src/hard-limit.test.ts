import { describe, expect, test } from 'vitest';
import { parseHardLimit } from './hard-limit.ts';

describe('the amount of a quota', () => {
  test.each([
    ['cost', '250', 250_000_000n],
    ['cost', '99.5', 99_500_000n],
    ['cost', '0.000001', 1n],
    ['cost', '0', 0n],
    ['cost', '123456789.654321', 123_456_789_654_321n],
    ['seconds', '3600', 3600n],
    ['concurrent', '2', 2n],
  ])('%s %s', (metric, text, amount) => {
    expect(parseHardLimit(metric, text)).toBe(amount);
  });

  test.each([
    ['cost', '1,50'],
    ['cost', '-1'],
    ['cost', '1e3'],
    ['cost', '0.0000001'],
    ['cost', ''],
    ['videos', '1.5'],
    ['videos', 'many'],
  ])('%s %j is refused', (metric, text) => {
    expect(() => parseHardLimit(metric, text)).toThrow(/--hard/);
  });
});
