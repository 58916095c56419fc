import { describe, expect, test } from 'vitest';
import { parseAmount, showAmount } from './amount.ts';

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
    expect(parseAmount('--hard', metric, text)).toBe(amount);
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
    expect(() => parseAmount('--hard', metric, text)).toThrow(/--hard/);
  });
});

test.each([
  ['cost', 250_000_000n, '250.00 USD'],
  ['cost', 99_500_001n, '99.500001 USD'],
  ['seconds', 3_600n, '3600'],
])('%s %s is shown as it is', (metric, amount, text) => {
  expect(showAmount(metric, amount)).toBe(text);
  expect(parseAmount('--hard', metric, text.replace(' USD', ''))).toBe(amount);
});
