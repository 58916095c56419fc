import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openDataUrl } from './data-url.ts';

async function decode(text: string, size = 7): Promise<{ mediaType: string; content: Buffer }> {
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
    Buffer.from(text.slice(i * size, (i + 1) * size), 'latin1'),
  );
  const { mediaType, bytes } = await openDataUrl(Readable.from(pieces));
  const decoded: Buffer[] = [];
  for await (const piece of bytes) decoded.push(piece);
  return { mediaType, content: Buffer.concat(decoded) };
}

test.each([0, 1, 2, 3, 100, 1_000])('%i bytes, in pieces of every size', async (length) => {
  const content = randomBytes(length);
  const url = `data:image/png;base64,${content.toString('base64')}`;
  for (const size of [1, 2, 3, 4, 5, 64, 10_000]) {
    expect(await decode(url, size)).toEqual({ mediaType: 'image/png', content });
  }
});

test('a type with parameters, in any case', async () => {
  expect(await decode('data:IMAGE/Jpeg;charset=utf-8;BASE64,AAAA')).toEqual({
    mediaType: 'image/jpeg',
    content: Buffer.alloc(3),
  });
});

test('padding may be left out', async () => {
  expect((await decode('data:image/png;base64,AAA')).content).toEqual(Buffer.alloc(2));
});

describe('invalid_image_url', () => {
  test.each([
    'data:',
    'data:image/png;base64',
    'data:image/png,AAAA',
    'data:,AAAA',
    'data:text/html;base64,AAAA',
    'data:video/mp4;base64,AAAA',
    'data:image/png;base64,AA AA',
    'data:image/png;base64,AA-_',
    'data:image/png;base64,A',
    'data:image/png;base64,AAAAA',
    'data:image/png;base64,AA=',
    'data:image/png;base64,AA=A',
    'data:image/png;base64,AA==AAAA',
    'data:image/png;base64,AAA==',
    'data:image/png;base64,====',
    'data:image/png;base64,A%3D',
    `data:image/png;${'a=b;'.repeat(10)}base64,AAAA`,
    `data:image/png;base64${' '.repeat(100_000)},AAAA`,
  ])('%#', async (url) => {
    for (const size of [1, 3, 1_000]) {
      await expect(decode(url, size)).rejects.toMatchObject({ status: 400, code: 'invalid_image_url' });
    }
  });
});
