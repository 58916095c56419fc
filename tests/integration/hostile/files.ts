/** Rows 28 to 31: files that are not what they say, and URLs that point inside. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { type HostileCase, refused, refusedCreate } from './hostile-case.ts';
import { box, FTYP, jpeg, largeBox, png, webp } from './media-files.ts';
import { form, type World } from './world.ts';

const picture = (value: Buffer | string, type = 'image/png') => ({
  name: 'input_reference',
  value,
  filename: 'a.png',
  type,
});

function refusedPicture(
  row: number,
  name: string,
  value: () => Buffer | string,
  type?: string,
  status: number | number[] = 400,
) {
  return refused(
    row,
    `a picture that is ${name}`,
    ({ canary }) => ['POST', '/v1/videos', form({ name: 'prompt', value: canary }, picture(value(), type))],
    { status },
  );
}

/** Bytes that tell nothing of themselves are the upstream's to judge. They go on byte for byte. */
function passedOn(row: number, name: string, value: () => Buffer | string, type?: string): HostileCase {
  return {
    row,
    name: `a picture that is ${name}: passed on unopened`,
    makes: 1,
    async run({ ask, sent, canary }) {
      const bytes = Buffer.from(value());
      const answer = await ask(
        'POST',
        '/v1/videos',
        form({ name: 'prompt', value: canary }, picture(bytes, type)),
      );
      expect(answer.status, answer.text).toBe(200);
      expect(Number(answer.headers['openai-processing-ms'])).toBeLessThan(2_000);
      expect(await sent(answer.json.id)).toMatchObject({
        input_reference: {
          kind: 'file',
          bytes: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
        },
      });
    },
  };
}

const OTHER_KINDS: [name: string, bytes: string, type?: string][] = [
  ['a zip', 'PK\x03\x04\x14\0\0\0', 'application/zip'],
  ['a zip that says it is a PNG', 'PK\x03\x04\x14\0\0\0'],
  ['a program for Windows', 'MZ\x90\0'],
  ['a program for Linux', '\x7fELF\x02\x01\x01\0'],
  ['a script', '#!/bin/sh\nrm -rf /'],
  ['a PDF', '%PDF-1.7\n'],
  ['a PDF behind the first bytes of a GIF', 'GIF89a\x01\0\x01\0%PDF-1.7', 'image/gif'],
  ['a piece of music', 'ID3\x04\0\0\0\0'],
];

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

function nested(depth: number): Buffer {
  let inner: Buffer = Buffer.alloc(0);
  for (let i = 0; i < depth; i++) inner = box(['moov', 'trak', 'mdia', 'minf'][i % 4] ?? 'moov', inner);
  return inner;
}

/** Nobody can play these, and that shows at a glance. */
const BROKEN_FILMS: [name: string, file: () => Buffer][] = [
  [
    'a box that says it is the rest of the file, which is nothing',
    () => Buffer.concat([FTYP, box('moov', Buffer.alloc(0), 0)]),
  ],
  ['a box without room for its own head', () => Buffer.concat([FTYP, box('moov', Buffer.alloc(64), 4)])],
  ['a box of 2^63 bytes', () => Buffer.concat([FTYP, largeBox('moov', Buffer.alloc(64), 2n ** 63n)])],
  [
    'a box of 2^64 - 1 bytes',
    () => Buffer.concat([FTYP, largeBox('mdat', Buffer.alloc(64), 2n ** 64n - 1n)]),
  ],
  ['boxes in boxes, ten thousand deep', () => Buffer.concat([FTYP, nested(10_000)])],
  ['a moov that says it is 500 MB', () => Buffer.concat([FTYP, box('moov', Buffer.alloc(64), 500_000_000)])],
  [
    'a million empty boxes',
    () => Buffer.concat([FTYP, ...Array.from({ length: 1_000_000 }, () => box('free', Buffer.alloc(0)))]),
  ],
  ['its first bytes and no more', () => FTYP],
];

const MDAT = box('mdat', Buffer.alloc(64));
/** These are whole from the outside; what is inside is not looked for very far. */
const ODD_FILMS: [name: string, file: () => Buffer][] = [
  ['boxes in boxes, ten thousand deep', () => Buffer.concat([FTYP, box('moov', nested(10_000)), MDAT])],
  ['a moov of nothing', () => Buffer.concat([FTYP, box('moov', Buffer.alloc(0)), MDAT])],
  [
    'a moov of ten thousand empty boxes',
    () =>
      Buffer.concat([
        FTYP,
        box('moov', Buffer.concat(Array.from({ length: 10_000 }, () => box('free', Buffer.alloc(0))))),
        MDAT,
      ]),
  ],
  [
    'a moov whose boxes are larger than itself',
    () => Buffer.concat([FTYP, box('moov', box('trak', Buffer.alloc(8), 500_000_000)), MDAT]),
  ],
];

/** As large as the header says, and decoded by nobody. */
const BOMBS: [name: string, file: () => Buffer][] = [
  ['60,000 by 60,000 pixels in some bytes', () => png(60_000, 60_000, 1_000)],
  ['2^31 pixels wide', () => png(2 ** 31 - 1, 1, 10)],
  ['no pixel at all', () => png(0, 0, 1)],
  ['a PNG of its signature alone', () => png(1, 1).subarray(0, 8)],
  ['a JPEG of 65,535 by 65,535 pixels', () => jpeg(65_535, 65_535)],
  ['a JPEG that ends before its frame', () => jpeg(720, 1280).subarray(0, 12)],
  ['a WebP of 16,777,216 by 16,777,216 pixels', () => webp(2 ** 24, 2 ** 24)],
  ['a GIF of 65,535 by 65,535 pixels', () => Buffer.from('GIF89a\xff\xff\xff\xff', 'latin1')],
];

const film = (value: Buffer) => ({ name: 'video', value, filename: 'a.mp4', type: 'video/mp4' });

const INSIDE = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://127.0.0.1.:80/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::1]/',
  'http://[::]/',
  'http://[fe80::1]/',
  'http://[fd00:ec2::254]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://0x7f.1/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://2130706433/',
  'http://0/',
  'http://10.0.0.1/',
  'http://100.64.0.1/',
  'http://172.16.0.1/',
  'http://192.168.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://localhost/',
  'http://localhost./',
  'http://LOCALHOST/',
  'http://x.localhost/',
  'http://postgres/',
  'http://db.internal/',
  'http://①②⑦.⓪.⓪.①/',
  'http://127。0。0。1/',
  'http://u:p@example.com/',
  'http://u@example.com/',
  'http://example.com#@127.0.0.1\\@127.0.0.1/',
  'http:\\\\127.0.0.1/',
  'http:/127.0.0.1/',
  'http:127.0.0.1',
  '//127.0.0.1/',
  'file:///etc/passwd',
  'ftp://example.com/a.png',
  'gopher://example.com/_x',
  'javascript:alert(1)',
  'blob:https://example.com/1',
  'data:text/html,<script>1</script>',
  'data:image/svg+xml;base64,PHN2Zz4=',
  'data:image/png,notbase64',
  'data:image/png;base64,!!!!',
  'http://example.com/\r\nX-A: b',
  'http://exa\tmple.com/',
  ' http://example.com/',
  '',
  'x',
  `https://example.com/${'a'.repeat(20_000)}`,
];

export const files: readonly HostileCase[] = [
  refusedPicture(28, 'nothing', () => ''),
  refusedPicture(
    28,
    'one byte larger than allowed',
    () => Buffer.concat([png(720, 1280), Buffer.alloc(20 * 2 ** 20 + 1 - png(720, 1280).length)]),
    'image/png',
    [400, 413],
  ),
  refusedPicture(28, 'an SVG', () => SVG, 'image/svg+xml'),
  refusedPicture(28, 'an SVG that says it is a PNG', () => SVG),
  refusedPicture(28, 'an SVG behind a byte order mark', () => `\uFEFF  \n${SVG}`),
  refusedPicture(28, 'an SVG in UTF-16', () => Buffer.from(`\uFEFF${SVG}`, 'utf16le')),
  refusedPicture(28, 'HTML', () => '<!doctype html><script>alert(1)</script>', 'image/jpeg'),
  ...OTHER_KINDS.map(([name, bytes, type]) =>
    refusedPicture(28, name, () => Buffer.from(bytes, 'latin1'), type),
  ),
  passedOn(28, 'a text that says it is one', () => 'Example data'),
  passedOn(28, 'noise', () => Buffer.from([0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3])),
  ...OTHER_KINDS.map(([name, bytes, type]) =>
    refused(
      28,
      `a film that is ${name}`,
      ({ canary }) => [
        'POST',
        '/v1/videos/edits',
        form(
          { name: 'prompt', value: canary },
          { ...film(Buffer.from(bytes, 'latin1')), type: type ?? 'video/mp4' },
        ),
      ],
      { status: 400, code: 'unsupported_file_mimetype', param: 'video' },
    ),
  ),
  refused(
    28,
    'a film that is a picture',
    ({ canary }) => [
      'POST',
      '/v1/videos/edits',
      form({ name: 'prompt', value: canary }, film(png(720, 1280))),
    ],
    { status: 400, code: 'unsupported_file_mimetype', param: 'video' },
  ),
  ...BOMBS.map(([name, bytes]) => refusedPicture(29, name, bytes)),
  ...BOMBS.map(([name, bytes]) =>
    refused(
      29,
      `a file to keep that is ${name}`,
      () => [
        'POST',
        '/v1/files',
        form({ name: 'purpose', value: 'vision' }, { ...picture(bytes()), name: 'file' }),
      ],
      { status: 400, param: 'file' },
    ),
  ),
  passedOn(29, 'of 50 million pixels', () => png(10_000, 5_000, 1_000)),
  ...BROKEN_FILMS.flatMap(([name, bytes]) =>
    (
      [
        ['edit', '/v1/videos/edits', []],
        ['extend', '/v1/videos/extensions', [{ name: 'seconds', value: '8' }]],
        ['a character', '/v1/videos/characters', [{ name: 'name', value: 'Mossy' }]],
      ] as const
    ).map(([operation, path, fields]) =>
      refused(
        30,
        `${operation} of a film that is ${name}`,
        ({ canary }) => [
          'POST',
          path,
          form(
            ...(operation === 'a character' ? [] : [{ name: 'prompt', value: canary }]),
            ...fields,
            film(bytes()),
          ),
        ],
        { status: 400, code: 'invalid_value', param: 'video' },
      ),
    ),
  ),
  refused(
    30,
    'edit of a film that is nothing',
    ({ canary }) => [
      'POST',
      '/v1/videos/edits',
      form({ name: 'prompt', value: canary }, film(Buffer.alloc(0))),
    ],
    { status: 400, param: 'video' },
  ),
  ...ODD_FILMS.flatMap(([name, file]) =>
    (
      [
        ['edit', '/v1/videos/edits', [], 1_200_000],
        ['extend', '/v1/videos/extensions', [{ name: 'seconds', value: '8' }], 800_000],
      ] as const
    ).map(
      ([operation, path, fields, price]): HostileCase => ({
        row: 30,
        name: `${operation} of a film that is ${name}: read no further, and priced as the most it could be`,
        makes: 1,
        async run({ ask, sent, canary }) {
          const bytes = file();
          const answer = await ask(
            'POST',
            path,
            form({ name: 'prompt', value: canary }, ...fields, film(bytes)),
          );
          expect(answer.status, answer.text).toBe(200);
          expect(Number(answer.headers['openai-processing-ms'])).toBeLessThan(2_000);
          expect(await sent(answer.json.id)).toMatchObject({ reservedMicroUsd: price });
        },
      }),
    ),
  ),
  ...ODD_FILMS.map(
    ([name, file]): HostileCase => ({
      row: 30,
      name: `a character from a film that is ${name}: passed on unopened`,
      makesCharacters: 1,
      async run({ ask }) {
        const answer = await ask(
          'POST',
          '/v1/videos/characters',
          form({ name: 'name', value: 'Mossy' }, film(file())),
        );
        expect(answer.status, answer.text).toBe(200);
      },
    }),
  ),
  ...INSIDE.map((url) =>
    refusedCreate(
      31,
      `image_url ${JSON.stringify(url.slice(0, 50))}`,
      { input_reference: { image_url: url } },
      {
        status: 400,
        param: 'input_reference',
      },
    ),
  ),
  ...['http://127.0.0.1/', 'file:///etc/passwd', 'data:text/html,x'].map((url) =>
    refused(
      31,
      `image_url ${url} in a form`,
      ({ canary }) => [
        'POST',
        '/v1/videos',
        form({ name: 'prompt', value: canary }, { name: 'input_reference[image_url]', value: url }),
      ],
      { status: 400, code: 'invalid_image_url' },
    ),
  ),
  refusedCreate(
    31,
    'image_url of 25 MB',
    { input_reference: { image_url: `data:image/png;base64,${'A'.repeat(25_000_000)}` } },
    { status: [400, 413] },
  ),
  {
    row: 31,
    name: 'an image_url to a server inside: no connection is opened',
    async run(world) {
      let connections = 0;
      const server = createServer().on('connection', () => void connections++);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      for (const host of [
        '127.0.0.1',
        '127.1',
        'localhost',
        'localhost.',
        '2130706433',
        '[::ffff:127.0.0.1]',
        '0x7f.1',
      ]) {
        const answer = await world.post('/v1/videos', {
          prompt: world.canary,
          input_reference: { image_url: `http://${host}:${port}/a.png` },
        });
        expect([host, answer.status, answer.json.error.code]).toEqual([host, 400, 'invalid_image_url']);
      }
      expect(connections).toBe(0);
      server.close();
    },
  },
  {
    row: 31,
    name: 'no file but those of the team can be named',
    async run(world: World) {
      for (const reference of [
        [{ file_id: 'file-1' }, 404],
        [{ file_id: `file-${'0'.repeat(32)}` }, 404],
        [{ file_id: `../${'0'.repeat(32)}` }, 404],
        [{ file_id: ['file-1'] }, 400],
        [{ file_id: 'file-1', image_url: 'https://example.com/a.png' }, 400],
        [{}, 400],
        ['file-1', 400],
        [['x'], 400],
      ] as const) {
        const answer = await world.post('/v1/videos', {
          prompt: world.canary,
          input_reference: reference[0],
        });
        expect([reference[0], answer.status]).toEqual(reference);
      }
    },
  },
];
