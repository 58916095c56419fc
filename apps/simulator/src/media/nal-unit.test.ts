import { expect, it } from 'vitest';
import { nalUnit, withLength } from './nal-unit.ts';

it.each([
  [
    [0, 0, 1],
    [0, 0, 3, 1],
  ],
  [
    [0, 0, 0, 0, 2],
    [0, 0, 3, 0, 0, 3, 2],
  ],
  [
    [0, 0, 4],
    [0, 0, 4],
  ],
  [
    [0, 1, 0, 0, 3, 7],
    [0, 1, 0, 0, 3, 3, 7],
  ],
])('lets no start code appear in %j', (payload, escaped) => {
  expect([...nalUnit(0x65, Uint8Array.from(payload))]).toEqual([0x65, ...escaped]);
});

it('says its length first', () => {
  expect([...withLength(Uint8Array.of(0x65, 7))]).toEqual([0, 0, 0, 2, 0x65, 7]);
});
