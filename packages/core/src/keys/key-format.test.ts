import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateKey, hashKey, parseKey } from './key-format.ts';

describe('API keys', () => {
  test('a generated key is well-formed and found by its public part', () => {
    const { secret, prefix } = generateKey();
    expect(secret).toMatch(/^rg_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}$/);
    expect(parseKey(secret)).toEqual({ prefix });
  });

  test('any single changed character is refused by the checksum', () => {
    const { secret } = generateKey();
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: secret.length - 1 }),
        fc.constantFrom(...'0Az9_ \u0000é'),
        (at, other) => {
          fc.pre(secret[at] !== other);
          expect(parseKey(secret.slice(0, at) + other + secret.slice(at + 1))).toBeNull();
        },
      ),
    );
  });

  test('the stored hash depends on the pepper', () => {
    const { secret } = generateKey();
    expect(hashKey(secret, 'one')).not.toBe(hashKey(secret, 'two'));
    expect(hashKey(secret, 'one')).toMatch(/^[0-9a-f]{64}$/);
  });
});
