import { describe, expect, test } from 'vitest';
import { readPeppers } from './peppers.ts';

describe('peppers', () => {
  test('the stored hash depends on the pepper', () => {
    const [one, two] = [readPeppers('pepper number one'), readPeppers('pepper number two')];
    expect(one.hash('key', 1)).toMatch(/^[0-9a-f]{64}$/);
    expect(one.hash('key', 1)).not.toBe(two.hash('key', 1));
    expect(one.hash('key', 1)).not.toBe(one.hash('another', 1));
  });

  test('a lone one is version 1, and may become one of several', () => {
    const [lone, several] = [readPeppers('a lone pepper'), readPeppers('2:a new pepper,1:a lone pepper')];
    expect([lone.newest, several.newest]).toEqual([1, 2]);
    expect(several.hash('key', 1)).toBe(lone.hash('key', 1));
    expect(several.hash('key', 2)).not.toBe(lone.hash('key', 1));
    expect(lone.hash('key', 2)).toBeNull();
  });

  test.each(['1,2:3', 'pepper:with,marks', '0:zero is no version', ':x', 'a=b+c/d=='])(
    '%s is one pepper',
    (text) => {
      expect(readPeppers(text).newest).toBe(1);
      expect(readPeppers(text).hash('key', 1)).not.toBeNull();
    },
  );
});
