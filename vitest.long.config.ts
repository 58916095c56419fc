import { defineConfig } from 'vitest/config';

/** What takes minutes and wants the machine for itself: not part of `npm test`, but commands of their own. */
export default defineConfig({
  test: {
    name: 'long',
    include: ['tests/chaos/long/*.test.ts'],
    fileParallelism: false,
    hookTimeout: 300_000,
  },
});
