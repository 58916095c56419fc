/** Rows 10, 11, 14 to 16: bytes that are not quite HTTP, and ones that come too slowly. */
import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { askRaw } from '../gateway/gateway-process.ts';
import { bearer, type HostileCase, head } from './hostile-case.ts';
import type { World } from './world.ts';

const get = 'GET /v1/videos HTTP/1.1';
const post = 'POST /v1/videos HTTP/1.1';
const json = 'Content-Type: application/json';
const smuggled = head(get, 'Host: x');

const UNREADABLE: [row: number, name: string, (auth: string) => string][] = [
  [10, 'no Host', (auth) => head(get, auth)],
  [10, 'two Hosts', (auth) => head(get, 'Host: x', 'Host: y', auth)],
  [10, 'a Host with a port that is none', (auth) => head(get, 'Host: x:99999', auth)],
  [10, 'a Host that is none', (auth) => head(get, 'Host: [::1', auth)],
  [10, 'a Host with a path', (auth) => head(get, 'Host: x/v1', auth)],
  [
    11,
    'length and chunks',
    (auth) =>
      `${head(post, 'Host: x', auth, json, 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
  ],
  [
    11,
    'an unknown encoding',
    (auth) => head(post, 'Host: x', auth, json, 'Transfer-Encoding: xchunked') + smuggled,
  ],
  [
    11,
    'chunked, and then not',
    (auth) => head(post, 'Host: x', auth, json, 'Transfer-Encoding: chunked, identity') + smuggled,
  ],
  [
    11,
    'two lengths',
    (auth) => head(post, 'Host: x', auth, json, 'Content-Length: 1', 'Content-Length: 2') + smuggled,
  ],
  [11, 'a signed length', (auth) => head(post, 'Host: x', auth, json, 'Content-Length: +5') + smuggled],
  [11, 'a negative length', (auth) => head(post, 'Host: x', auth, json, 'Content-Length: -5') + smuggled],
  [
    11,
    'a length that is too long a number',
    (auth) => head(post, 'Host: x', auth, json, 'Content-Length: 99999999999999999999') + smuggled,
  ],
  [11, 'bare line feeds', (auth) => `${get}\nHost: x\n${auth}\n\n`],
  [11, 'a folded header', (auth) => head(get, 'Host: x', auth, 'X-A: b', ' c')],
  [11, 'a space before the colon', () => head(get, 'Host: x', 'Authorization : x')],
  [11, 'a NUL in a header', (auth) => head(get, 'Host: x', auth, 'X-A: a\0b')],
  [
    11,
    'a chunk whose size is none',
    (auth) => `${head(post, 'Host: x', auth, json, 'Transfer-Encoding: chunked')}zz\r\n`,
  ],
  [16, 'TLS on a plain port', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  [16, 'HTTP/2 on a plain port', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
];

const TOO_LARGE: [row: number, name: string, status: readonly number[], (auth: string) => string][] = [
  [14, '17 kB of headers', [431], (auth) => head(get, 'Host: x', auth, `X-A: ${'a'.repeat(17_000)}`)],
  [
    14,
    '2,000 headers',
    [431],
    (auth) => head(get, 'Host: x', auth, 'Connection: close', ...Array.from({ length: 2_000 }, () => 'a: b')),
  ],
  [
    11,
    'a chunk extension of 1 MB',
    [400, 413, 431],
    (auth) =>
      `${head(post, 'Host: x', auth, json, 'Transfer-Encoding: chunked')}5;${'e'.repeat(1_000_000)}\r\nhello\r\n0\r\n\r\n`,
  ],
];

export const connections: readonly HostileCase[] = [
  {
    row: 10,
    name: 'a Host of somebody else is in no answer',
    async run(world) {
      for (const path of [
        '/v1/videos',
        `/v1/videos/${world.videoId}`,
        '/v1/unknown',
        '/openapi.json',
        '/docs',
      ]) {
        const lines = [
          'Host: evil.example',
          'X-Forwarded-Host: evil.example',
          'Connection: close',
          bearer(world),
        ];
        const { status, text } = await world.raw(head(`GET ${path} HTTP/1.1`, ...lines));
        expect([200, 404]).toContain(status);
        expect(text).not.toContain('evil.example');
      }
    },
  },
  ...UNREADABLE.map(
    ([row, name, data]): HostileCase => ({
      row,
      name: `${name}: 400, and the connection is over`,
      async run(world) {
        const answer = await world.raw(data(bearer(world)));
        expect([answer.status, answer.closed]).toEqual([400, true]);
        expect(answer.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
      },
    }),
  ),
  ...TOO_LARGE.map(
    ([row, name, statuses, data]): HostileCase => ({
      row,
      name: `${name}: refused, and the connection is over`,
      async run(world) {
        const answer = await world.raw(data(bearer(world)));
        expect(statuses).toContain(answer.status);
        expect(answer.closed).toBe(true);
      },
    }),
  ),
  {
    row: 15,
    name: 'headers that never end, on a thousand connections: others are served, and they are closed',
    run: slowHeaders,
  },
  { row: 15, name: 'a download that is not read: cut off', run: stalledReader },
  ...(['application/json', 'multipart/form-data; boundary=B'] as const).map(
    (type): HostileCase => ({
      row: 15,
      name: `${type} that drips: 408`,
      async run(world) {
        const start = head(post, 'Host: x', bearer(world), `Content-Type: ${type}`, 'Content-Length: 1000');
        const answer = await world.raw(
          `${start}{`,
          (text) => text.includes('\r\n\r\n') && text.endsWith('}'),
        );
        expect(answer.status).toBe(408);
      },
    }),
  ),
  {
    row: 16,
    name: 'an upgrade to HTTP/2 is not taken up',
    async run(world) {
      const lines = [
        'Host: x',
        bearer(world),
        'Connection: Upgrade, HTTP2-Settings, close',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAAQAAP__',
      ];
      const { status, text } = await world.raw(head(get, ...lines));
      expect(status).toBe(200);
      expect(text).not.toContain('101 Switching');
    },
  },
];

async function slowHeaders(world: World): Promise<void> {
  const openedAt = performance.now();
  const sockets = Array.from({ length: 1_000 }, () => {
    const socket = connect(world.stack.gateway.port, '127.0.0.1').on('error', () => {});
    socket.write(`${get}\r\nHost: x\r\nX-A: `);
    return new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (data) => {
        text += data.toString('latin1');
      });
      socket.on('close', () => resolve(text));
    });
  });
  for (let i = 0; i < 20; i++) {
    const askedAt = performance.now();
    expect((await world.ask('GET', '/v1/videos?limit=1')).status).toBe(200);
    expect(performance.now() - askedAt).toBeLessThan(1_000);
  }
  for (const text of await Promise.all(sockets)) expect(text).toMatch(/^(HTTP\/1\.1 408 |$)/);
  // 20 s, and how late that may be noticed.
  expect(performance.now() - openedAt).toBeLessThan(35_000);
}

async function stalledReader({ stack, team, videoId }: World): Promise<void> {
  const gateway = await stack.startGateway({ IDLE_TIMEOUT: '1s' });
  const socket = connect(gateway.port, '127.0.0.1').on('error', () => {});
  socket.write(
    head(`GET /v1/videos/${videoId}/content HTTP/1.1`, 'Host: x', `Authorization: Bearer ${team.secret}`),
  );
  // Connected, and nothing of the answer is ever read.
  socket.pause();
  const brokenOff = () =>
    gateway.lines.some(({ outcome, videoId: id }) => outcome === 'broken_off' && id === videoId);
  await vi.waitUntil(brokenOff, { timeout: 15_000, interval: 50 });
  socket.destroy();
  const answer = await askRaw(
    gateway.port,
    head('GET /health/live HTTP/1.1', 'Host: x', 'Connection: close'),
  );
  expect(answer.status).toBe(200);
  expect(await gateway.stop()).toBe(0);
}
