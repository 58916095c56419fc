import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateKey, parseKey } from './key-format.ts';

describe('API keys', () => {
  test.each(['live', 'test', 'admin'] as const)(
    'a generated %s key is well-formed and found by its public part',
    (kind) => {
      const { secret, prefix } = generateKey(kind);
      expect(secret).toMatch(new RegExp(`^rg_${kind}_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}$`));
      expect(parseKey(secret)).toEqual({ kind, prefix });
    },
  );

  test('any single changed character is refused by the checksum', () => {
    const { secret } = generateKey('live');
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

  test('a key of one kind is none of another kind', () => {
    const { secret } = generateKey('test');
    expect(parseKey(secret.replace('rg_test', 'rg_live'))).toBeNull();
    expect(parseKey(secret.replace('rg_test', 'rg_admin'))).toBeNull();
  });
});
