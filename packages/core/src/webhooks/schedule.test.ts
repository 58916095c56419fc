import { describe, expect, test } from 'vitest';
import { nextAttemptDelayMs } from './schedule.ts';

const middle = () => 0.5;

describe('webhook retry schedule', () => {
  test('spans about three days over ten retries and then ends', () => {
    const waits = Array.from({ length: 11 }, (_, i) => nextAttemptDelayMs(i + 1, undefined, middle));
    expect(waits[0]).toBe(5_000);
    expect(waits[10]).toBeNull();
    const total = waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0);
    expect(total / 3_600_000).toBeGreaterThan(72);
    expect(total / 3_600_000).toBeLessThan(80);
  });

  test('jitter stays within a fifth', () => {
    expect(nextAttemptDelayMs(1, undefined, () => 0)).toBe(4_000);
    expect(nextAttemptDelayMs(1, undefined, () => 0.999_999)).toBe(6_000);
  });

  test('retry-after is honoured between the planned wait and twice that', () => {
    expect(nextAttemptDelayMs(1, 1, middle)).toBe(5_000);
    expect(nextAttemptDelayMs(1, 8, middle)).toBe(8_000);
    expect(nextAttemptDelayMs(1, 3_600, middle)).toBe(10_000);
  });
});
