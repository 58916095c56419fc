import { expect, test } from 'vitest';
import { estimateCost } from './price.ts';

const price = {
  perSecondMicroUsd: 100_000n,
  perImageMicroUsd: 0n,
  perVideoMicroUsd: 0n,
  minimumMicroUsd: 0n,
};

test.each([
  ['by the second', {}, { seconds: 8, images: 1 }, 800_000n],
  ['with its pictures', { perImageMicroUsd: 20_000n }, { seconds: 4, images: 2 }, 440_000n],
  ['with a sum for each video', { perVideoMicroUsd: 50_000n }, { seconds: 4, images: 0 }, 450_000n],
  ['at least the minimum', { minimumMicroUsd: 500_000n }, { seconds: 4, images: 0 }, 500_000n],
  ['more than the minimum', { minimumMicroUsd: 500_000n }, { seconds: 8, images: 0 }, 800_000n],
])('a video costs %s', (_, terms, video, cost) => {
  expect(estimateCost({ ...price, ...terms }, video)).toBe(cost);
});
