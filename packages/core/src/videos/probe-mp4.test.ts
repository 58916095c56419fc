import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { probeMp4 } from './probe-mp4.ts';

function box(type: string, ...body: Buffer[]): Buffer {
  const content = Buffer.concat(body);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + content.length, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, content]);
}

function mvhd(timescale: number, duration: number): Buffer {
  const body = Buffer.alloc(100);
  body.writeUInt32BE(timescale, 12);
  body.writeUInt32BE(duration, 16);
  return box('mvhd', body);
}

function tkhd(width: number, height: number): Buffer {
  const body = Buffer.alloc(84);
  body.writeUInt32BE(width * 65_536, 76);
  body.writeUInt32BE(height * 65_536, 80);
  return box('tkhd', body);
}

const probe = (file: Buffer) =>
  probeMp4(async (offset, length) => file.subarray(offset, offset + length), file.length);

describe('what an MP4 says of itself', () => {
  test('its length and the size of its first picture, wherever the index lies', async () => {
    const moov = box('moov', mvhd(1_000, 4_250), box('trak', tkhd(0, 0)), box('trak', tkhd(1280, 720)));
    const expected = { seconds: 4.25, size: '1280x720' };
    expect(
      await probe(Buffer.concat([box('ftyp', Buffer.alloc(16)), moov, box('mdat', Buffer.alloc(9_000))])),
    ).toEqual(expected);
    expect(
      await probe(Buffer.concat([box('ftyp', Buffer.alloc(16)), box('mdat', Buffer.alloc(9_000)), moov])),
    ).toEqual(expected);
  });

  test.each([
    ['text', Buffer.from('Example data')],
    ['nothing', Buffer.alloc(0)],
    ['no time scale', box('moov', mvhd(0, 100))],
    ['no index', Buffer.concat([box('ftyp', Buffer.alloc(8)), box('mdat', Buffer.alloc(100))])],
  ])('%s says nothing', async (_name, file) => {
    expect(await probe(file)).toBeNull();
  });

  test('no file costs more than a bounded number of reads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4_000 }), async (bytes) => {
        let reads = 0;
        const file = Buffer.concat([
          box('ftyp'),
          box('moov', box('trak', ...Array.from({ length: 300 }, () => box('free')), Buffer.from(bytes))),
        ]);
        await probeMp4(async (offset, length) => {
          reads++;
          return file.subarray(offset, offset + length);
        }, file.length);
        expect(reads).toBeLessThan(520);
      }),
      { numRuns: 50 },
    );
  });
});
