import { expect, test } from 'vitest';
import { duration } from './limit-requests.ts';

test.each([
  [0, '0ms'],
  [0.2, '1ms'],
  [12, '12ms'],
  [999, '999ms'],
  [1_000, '1s'],
  [8_640, '8.64s'],
  [60_000, '1m0s'],
  [90_500, '1m30.5s'],
])('%d ms are written as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
