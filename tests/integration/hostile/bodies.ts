/** Rows 17 to 22: bodies that are not the JSON, or not the kind, that they say. */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { bearer, type HostileCase, head, JSON_TYPE, refused } from './hostile-case.ts';

const notJson: [name: string, body: (canary: string) => string | Buffer][] = [
  ['nothing', () => ''],
  ['one that ends too early', (canary) => `{"prompt":"${canary}`],
  ['a comma too many', (canary) => `{"prompt":"${canary}",}`],
  ['a comment', (canary) => `{"prompt":"${canary}"/**/}`],
  ['single quotes', (canary) => `{'prompt':'${canary}'}`],
  ['a byte order mark', (canary) => `\uFEFF{"prompt":"${canary}"}`],
  ['UTF-16', (canary) => Buffer.from(`\uFEFF{"prompt":"${canary}"}`, 'utf16le')],
  [
    'bytes that are no UTF-8',
    (canary) =>
      Buffer.concat([
        Buffer.from(`{"prompt":"${canary}`),
        Buffer.from([0xff, 0xfe, 0xc0, 0xaf]),
        Buffer.from('"}'),
      ]),
  ],
  [
    'an encoded half of a character',
    (canary) =>
      Buffer.concat([
        Buffer.from(`{"prompt":"${canary}`),
        Buffer.from([0xed, 0xa0, 0x80]),
        Buffer.from('"}'),
      ]),
  ],
  ['NaN', (canary) => `{"prompt":"${canary}","seed":NaN}`],
  ['a raw line break in a string', (canary) => `{"prompt":"${canary}\n"}`],
  ['two values', (canary) => `{"prompt":"${canary}"}{"prompt":"${canary}"}`],
  ['a list', (canary) => `[{"prompt":"${canary}"}]`],
  ['a string', (canary) => JSON.stringify(canary)],
  ['null', () => 'null'],
];

const POLLUTION: [name: string, body: (canary: string) => string][] = [
  ['__proto__', (canary) => `{"prompt":"${canary}","__proto__":{"polluted":true}}`],
  ['__proto__ within', (canary) => `{"prompt":"${canary}","a":{"b":[{"__proto__":{"polluted":true}}]}}`],
  ['constructor', (canary) => `{"prompt":"${canary}","constructor":{"prototype":{"polluted":true}}}`],
  ['__proto__ as metadata', (canary) => `{"prompt":"${canary}","metadata":{"__proto__":"x"}}`],
  ['toString in place of a text', (canary) => `{"prompt":{"toString":"${canary}"}}`],
  ['a list in place of a text', (canary) => `{"prompt":["${canary}"]}`],
];

const HEAVY: [name: string, status: readonly number[], body: (canary: string) => string][] = [
  [
    '100,000 lists in each other',
    [400],
    (canary) => `{"prompt":"${canary}","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  ],
  [
    '15,000 keys',
    [400],
    (canary) => `{"prompt":"${canary}",${Array.from({ length: 15_000 }, (_, i) => `"k${i}":0`).join(',')}}`,
  ],
  [
    'a million keys',
    [413],
    (canary) =>
      `{"prompt":"${canary}",${Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":0`).join(',')}}`,
  ],
  ['a string of 50 MB', [413], (canary) => `{"prompt":"${canary}${'a'.repeat(50_000_000)}"}`],
  ['a number of 200,000 digits', [400], (canary) => `{"prompt":"${canary}","seed":${'9'.repeat(200_000)}}`],
];

const TYPES: [name: string, status: readonly number[], headers: Record<string, string>][] = [
  ['none', [415], {}],
  ['text/plain', [415], { 'content-type': 'text/plain' }],
  ['a form of plain fields', [415], { 'content-type': 'application/x-www-form-urlencoded' }],
  ['UTF-7', [415], { 'content-type': 'application/json; charset=utf-7' }],
  ['UTF-16', [415], { 'content-type': 'application/json; charset=utf-16le' }],
  ['two in one', [415, 400], { 'content-type': 'application/json, text/plain' }],
  ['a parameter that cannot be read', [400], { 'content-type': 'application/json; charset' }],
  ['a form, and JSON within', [400], { 'content-type': 'multipart/form-data; boundary=B' }],
  ['another kind of multipart', [415], { 'content-type': 'multipart/mixed; boundary=B' }],
];

const zeros = Buffer.alloc(10_000_000);
const ENCODINGS: [encoding: string, body: () => Buffer][] = [
  ['gzip', () => gzipSync(zeros)],
  ['br', () => brotliCompressSync(zeros.subarray(0, 1_000_000))],
  ['zstd', () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['gzip, gzip', () => gzipSync(gzipSync(zeros))],
  ['identity, deflate', () => Buffer.from('{}')],
  ['x-unknown', () => Buffer.from('{}')],
];

export const bodies: readonly HostileCase[] = [
  ...notJson.map(([name, body]) =>
    refused(
      17,
      `JSON that is ${name}`,
      ({ canary }) => ['POST', '/v1/videos', { headers: JSON_TYPE, body: body(canary) }],
      { status: 400, code: 'invalid_json' },
    ),
  ),
  refused(
    17,
    'an escaped half of a character',
    ({ canary }) => ['POST', '/v1/videos', { headers: JSON_TYPE, body: `{"prompt":"${canary}\\ud800"}` }],
    { status: 400, code: 'invalid_value', param: 'prompt' },
  ),
  ...HEAVY.map(
    ([name, statuses, body]): HostileCase => ({
      row: 18,
      name: `JSON with ${name}: quickly`,
      async run(world) {
        const sent = body(world.canary);
        const lines = [
          'Host: x',
          bearer(world),
          'Content-Type: application/json',
          `Content-Length: ${sent.length}`,
        ];
        // The connection stays: where it ended while we still send, the answer could be lost on its way.
        const isWhole = (text: string) => text.includes('\r\n\r\n') && text.endsWith('}');
        const answer = await world.raw(head('POST /v1/videos HTTP/1.1', ...lines) + sent, isWhole);
        expect(statuses, answer.text).toContain(answer.status);
        expect(Number(/openai-processing-ms: (\d+)/i.exec(answer.text)?.[1])).toBeLessThan(1_000);
      },
    }),
  ),
  {
    row: 19,
    name: 'a key that comes twice means the last, for the price and for the upstream',
    makes: 1,
    async run({ ask, paid, canary }) {
      const body = `{"prompt":"${canary}","seconds":"4","seconds":"12"}`;
      const { json } = await ask('POST', '/v1/videos', { headers: JSON_TYPE, body });
      expect(json.seconds).toBe('12');
      expect(await paid(json.id)).toEqual({
        seconds: '12',
        chargedMicroUsd: 1_200_000,
        reservedMicroUsd: 1_200_000,
      });
    },
  },
  ...POLLUTION.map(([name, body]) =>
    refused(
      20,
      `JSON with ${name}`,
      ({ canary }) => ['POST', '/v1/videos', { headers: JSON_TYPE, body: body(canary) }],
      {
        status: 400,
      },
    ),
  ),
  {
    row: 20,
    name: 'a query with __proto__ is an ordinary list',
    async run({ ask }) {
      for (const query of [
        '__proto__[polluted]=1',
        'constructor[prototype][polluted]=1',
        '__proto__.limit=1',
        'toString=1',
      ]) {
        expect((await ask('GET', `/v1/videos?${query}`)).status).toBe(200);
      }
    },
  },
  refused(20, 'a query with __proto__ as metadata', ['GET', '/v1/videos?metadata[__proto__]=x'], {
    status: 400,
  }),
  ...TYPES.map(([name, status, headers]) =>
    refused(
      21,
      `Content-Type: ${name}`,
      ({ canary }) => ['POST', '/v1/videos', { headers, body: JSON.stringify({ prompt: canary }) }],
      { status },
    ),
  ),
  {
    row: 21,
    name: 'two Content-Types: 415',
    async run(world) {
      const sent = JSON.stringify({ prompt: world.canary });
      const lines = ['Host: x', bearer(world), 'Connection: close', `Content-Length: ${sent.length}`];
      const types = ['Content-Type: application/json', 'Content-Type: text/plain'];
      expect((await world.raw(head('POST /v1/videos HTTP/1.1', ...lines, ...types) + sent)).status).toBe(415);
    },
  },
  ...ENCODINGS.map(([encoding, body]) =>
    refused(
      22,
      `Content-Encoding: ${encoding}`,
      () => ['POST', '/v1/videos', { headers: { ...JSON_TYPE, 'content-encoding': encoding }, body: body() }],
      { status: 415, code: 'unsupported_content_type' },
    ),
  ),
];
