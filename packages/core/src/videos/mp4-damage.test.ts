import { expect, test } from 'vitest';
import { mp4Damage } from './mp4-damage.ts';

function box(type: string, content: Buffer | number = 0, size?: number): Buffer {
  const body = typeof content === 'number' ? Buffer.alloc(content) : content;
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size ?? body.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

function long(type: string, body: number, size: bigint): Buffer {
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(size);
  return box(type, Buffer.concat([head, Buffer.alloc(body)]), 1);
}

const FTYP = box('ftyp', 16);
const many = (count: number) => Buffer.concat(Array.from({ length: count }, () => box('free')));

async function look(...pieces: Buffer[]) {
  const file = Buffer.concat(pieces);
  let reads = 0;
  const damage = await mp4Damage(async (offset, length) => {
    reads++;
    return file.subarray(offset, offset + length);
  }, file.length);
  return { damage, reads };
}

test.each<[string, Buffer[]]>([
  ['the index first', [FTYP, box('moov', 100), box('mdat', 1_000)]],
  ['the index last', [FTYP, box('mdat', 200_000), box('moov', 100)]],
  ['content up to the end of the file', [FTYP, box('moov', 100), box('mdat', 1_000, 0)]],
  ['content with a long size', [FTYP, box('moov', 100), long('mdat', 1_000, 1_016n)]],
  ['fragments', [FTYP, box('moov', 100), box('moof', 10), box('mdat', 10)]],
  ['something unreadable behind it', [FTYP, box('moov', 100), box('mdat', 10), Buffer.alloc(100)]],
])('%s: nothing to complain of', async (_, pieces) => {
  expect((await look(...pieces)).damage).toBeNull();
});

test.each<[string, Buffer[], string]>([
  ['no more than its type', [FTYP], 'lacks its index or its content'],
  ['no index', [FTYP, box('mdat', 1_000)], 'lacks its index or its content'],
  ['no content', [FTYP, box('moov', 1_000)], 'lacks its index or its content'],
  ['content that was cut', [FTYP, box('moov', 100), box('mdat', 1_000, 2_000)], 'is cut off'],
  ['a box of 2^63 bytes', [FTYP, long('moov', 100, 2n ** 63n)], 'is cut off'],
  ['a box of 2^64 - 1 bytes', [FTYP, long('mdat', 100, 2n ** 64n - 1n)], 'is cut off'],
  ['a box that is smaller than its head', [FTYP, box('moov', 100, 4)], 'has a piece of an impossible length'],
  [
    'a long box that is smaller than its head',
    [FTYP, long('moov', 100, 4n)],
    'has a piece of an impossible length',
  ],
])('%s', async (_, pieces, damage) => {
  expect((await look(...pieces)).damage).toBe(damage);
});

test('a million boxes cost a few reads', async () => {
  expect(await look(FTYP, many(1_000_000))).toEqual({ damage: 'consists of too many pieces', reads: 1 });
});
