import { describe, expect, test } from 'vitest';
import { chooseRange, matchesEtag } from './range.ts';

const content = { bytes: 1000, etag: '"abc"' };
const range = (header: string | undefined, ifRange?: string) => chooseRange(header, ifRange, content);

describe('chooseRange', () => {
  test.each<[string, number, number]>([
    ['bytes=0-0', 0, 0],
    ['bytes=0-', 0, 999],
    ['bytes=999-', 999, 999],
    ['bytes=10-19', 10, 19],
    ['bytes=10-5000', 10, 999],
    ['bytes=-1', 999, 999],
    ['bytes=-5000', 0, 999],
    ['bytes=-99999999999999999999', 0, 999],
  ])('%s', (header, start, end) => expect(range(header)).toEqual({ start, end }));

  test.each(['bytes=1000-', 'bytes=1000-2000', 'bytes=99999999999999999999-', 'bytes=-0', 'bytes=20-10'])(
    '%s cannot be satisfied',
    (header) => expect(range(header)).toBe('unsatisfiable'),
  );

  test.each([
    undefined,
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=0x1-2',
    'items=0-1',
    'bytes=0-1,2-3',
    `bytes=${Array.from({ length: 10_000 }, () => '0-').join(',')}`,
  ])('%s is the whole', (header) => expect(range(header)).toBeNull());

  test('If-Range: a part only of the same content', () => {
    expect(range('bytes=0-0', '"abc"')).toEqual({ start: 0, end: 0 });
    expect(range('bytes=0-0', '"old"')).toBeNull();
    expect(range('bytes=0-0', 'W/"abc"')).toBeNull();
    expect(range('bytes=0-0', 'Tue, 24 Nov 2026 00:00:00 GMT')).toBeNull();
  });

  test('nothing of an empty object can be had', () => {
    expect(chooseRange('bytes=0-', undefined, { bytes: 0, etag: '"e"' })).toBe('unsatisfiable');
    expect(chooseRange('bytes=-1', undefined, { bytes: 0, etag: '"e"' })).toBe('unsatisfiable');
  });
});

test.each([
  ['"abc"', true],
  ['W/"abc"', true],
  ['"x", "abc"', true],
  ['*', true],
  ['"x", *', false],
  ['"x"', false],
  ['abc', false],
  [undefined, false],
])('If-None-Match %s: %s', (header, matches) => expect(matchesEtag(header, '"abc"')).toBe(matches));
