import { expect, test } from 'vitest';
import { pictureSize } from './picture-size.ts';

async function sizeOf(type: string, file: Buffer) {
  let reads = 0;
  const size = await pictureSize(type, async (offset, length) => {
    reads++;
    return file.subarray(offset, offset + length);
  });
  return { size, reads };
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const png = (width: number, height: number) => {
  const file = Buffer.concat([latin1('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), Buffer.alloc(13)]);
  file.writeUInt32BE(width, 16);
  file.writeUInt32BE(height, 20);
  return file;
};
const segment = (marker: number, body: Buffer) => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
};
const frame = (width: number, height: number, marker = 0xc0) => {
  const body = Buffer.alloc(15);
  body.writeUInt16BE(height, 1);
  body.writeUInt16BE(width, 3);
  return segment(marker, body);
};
const jpeg = (...segments: Buffer[]) => Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments]);
const webp = (kind: string, data: number[]) =>
  Buffer.concat([latin1(`RIFF\0\0\0\0WEBP${kind}\0\0\0\0`), Buffer.from(data), Buffer.alloc(10)]);

test.each<[string, string, Buffer]>([
  ['PNG', 'image/png', png(720, 1280)],
  ['GIF', 'image/gif', Buffer.concat([latin1('GIF89a'), Buffer.from([0xd0, 2, 0, 5])])],
  ['JPEG', 'image/jpeg', jpeg(frame(720, 1280))],
  ['progressive JPEG', 'image/jpeg', jpeg(frame(720, 1280, 0xc2))],
  [
    'JPEG behind an ICC profile of 200 KB',
    'image/jpeg',
    jpeg(...Array.from({ length: 4 }, () => segment(0xe2, Buffer.alloc(50_000))), frame(720, 1280)),
  ],
  ['JPEG with fill bytes', 'image/jpeg', jpeg(Buffer.from([0xff, 0xff]), frame(720, 1280))],
  ['WebP, extended', 'image/webp', webp('VP8X', [0, 0, 0, 0, 0xcf, 2, 0, 0xff, 4, 0])],
  ['WebP, lossless', 'image/webp', webp('VP8L', [0x2f, 0xcf, 0xc2, 0x3f, 0x01])],
  ['WebP, lossy', 'image/webp', webp('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, 0xd0, 2, 0, 5])],
])('%s', async (_, type, file) => {
  expect((await sizeOf(type, file)).size).toEqual({ width: 720, height: 1280 });
});

test.each<[string, string, Buffer]>([
  ['a PNG of its signature alone', 'image/png', png(1, 1).subarray(0, 8)],
  [
    'a PNG that begins with something else',
    'image/png',
    Buffer.concat([png(1, 1).subarray(0, 12), Buffer.alloc(20)]),
  ],
  ['a JPEG that ends before its frame', 'image/jpeg', jpeg(segment(0xe0, Buffer.alloc(14)))],
  [
    'a JPEG whose segment reaches beyond its end',
    'image/jpeg',
    jpeg(segment(0xe0, Buffer.alloc(14)).subarray(0, 8)),
  ],
  ['a JPEG with a scan and no frame', 'image/jpeg', jpeg(segment(0xda, Buffer.alloc(8)), frame(1, 1))],
  ['a WebP of its signature alone', 'image/webp', latin1('RIFF\0\0\0\0WEBP')],
  ['a WebP of no known kind', 'image/webp', webp('ABCD', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
])('%s is damaged', async (_, type, file) => {
  expect((await sizeOf(type, file)).size).toBeNull();
});

test('a JPEG of endless segments is not read to its end', async () => {
  const segments = Array.from({ length: 100_000 }, () => segment(0xfe, Buffer.alloc(0)));
  const { size, reads } = await sizeOf('image/jpeg', jpeg(...segments, frame(1, 1)));
  expect(size).toBeNull();
  expect(reads).toBeLessThan(2_000);
});

test('a type whose header is not known is not looked at', async () => {
  expect(await sizeOf('image/avif', Buffer.alloc(100))).toEqual({ size: undefined, reads: 0 });
});
