import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMp4Structure, Mp4Error } from './mp4-structure.ts';

function box(type: string, bodyBytes: number, long = false): Buffer {
  const header = Buffer.alloc(long ? 16 : 8);
  header.writeUInt32BE(long ? 1 : 8 + bodyBytes, 0);
  header.write(type, 4, 'latin1');
  if (long) header.writeBigUInt64BE(BigInt(16 + bodyBytes), 8);
  return Buffer.concat([header, Buffer.alloc(bodyBytes, 0xff)]);
}

function read(file: Buffer, cuts: number[] = []): void {
  const structure = createMp4Structure();
  let from = 0;
  for (const to of [...cuts.map((cut) => cut % (file.length + 1)).sort((a, b) => a - b), file.length]) {
    structure.push(file.subarray(from, to));
    from = to;
  }
  structure.end();
}

const whole = Buffer.concat([box('ftyp', 16), box('moov', 120), box('free', 0), box('mdat', 4_000, true)]);

describe('MP4 structure', () => {
  test('a whole file passes however it is chunked', () => {
    fc.assert(fc.property(fc.array(fc.nat(whole.length)), (cuts) => read(whole, cuts)));
  });

  test('a file cut at any byte is refused', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(() => read(whole.subarray(0, length)), `cut at ${length}`).toThrow(Mp4Error);
    }
  });

  test('a last mdat without a size runs to the end of the file', () => {
    const open = Buffer.concat([
      box('ftyp', 16),
      box('moov', 8),
      Buffer.from([0, 0, 0, 0]),
      Buffer.from('mdat'),
      Buffer.alloc(50),
    ]);
    read(open);
  });

  test.each([
    ['HTML', Buffer.from('<!doctype html><html><body>Sign in</body></html>')],
    ['JSON', Buffer.from('{"error":{"message":"not found"}}')],
    [
      'a box smaller than its header',
      Buffer.concat([box('ftyp', 4), Buffer.from([0, 0, 0, 7]), Buffer.from('moov')]),
    ],
    [
      'a box larger than any file',
      Buffer.concat([box('ftyp', 4), Buffer.from([0, 0, 0, 1]), Buffer.from('moov'), Buffer.alloc(8, 0xff)]),
    ],
    ['no moov', Buffer.concat([box('ftyp', 4), box('mdat', 4)])],
    [
      'moov without an end',
      Buffer.concat([box('ftyp', 4), Buffer.from([0, 0, 0, 0]), Buffer.from('moov'), Buffer.alloc(9)]),
    ],
    ['one whole header and nothing else', box('ftyp', 0)],
  ])('%s is refused', (_name, file) => {
    expect(() => read(file)).toThrow(Mp4Error);
  });
});
