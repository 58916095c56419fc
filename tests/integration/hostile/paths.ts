/** Rows 8, 9, 12, 13: ids, paths and methods that could be read in two ways. */
import { expect } from 'vitest';
import { bearer, type HostileCase, head, refused } from './hostile-case.ts';

const IDS = [
  'video_123',
  `video_${'x'.repeat(65)}`,
  `video_${'x'.repeat(4_000)}`,
  'constructor',
  '__proto__',
  '-',
  'char_00000000000000000000000000000000',
];

const PATHS: [row: number, path: string][] = [
  [8, '/v1/videos/%2e%2e/%2e%2e/health/live'],
  [8, '/v1/videos/../admin'],
  [8, '/v1/videos/video_a/../b'],
  [8, '/v1/videos/video_%2fx'],
  [8, '/v1/videos/video_%00'],
  [8, '/v1/videos/video_%F0%9F%8E%AC'],
  [8, '/v1/videos/..%2f..%2fadmin'],
  [8, '/v1/models/..%2f..%2fadmin'],
  [8, '/v1/models/sora-2%2f..%2f..%2fvideos'],
  [8, '/v1/models/sora-2%252fx'],
  [9, '/v1/models%2fsora-2'],
  [9, '//v1//videos'],
  [9, '/v1/videos/'],
  [9, '/V1/videos'],
  [9, '/v1/videos;x=1'],
  [9, '/v1%2fvideos'],
  [9, '/admin%2fkeys'],
  [9, '/v1/%76ideos'],
  [9, '/v1/./videos'],
  [9, '/x/../v1/videos'],
  [9, '/v1\\videos'],
  [9, '/openai//v1/videos'],
  [9, '/health/live/'],
  [9, '/health//live'],
  [9, '*'],
  [9, 'http://evil.example/v1/videos'],
  [9, 'http://x/health/live'],
];

const METHODS: [method: string, path: string, allow: string][] = [
  ['OPTIONS', '/v1/videos', 'GET, HEAD, POST'],
  ['PUT', '/v1/videos', 'GET, HEAD, POST'],
  ['TRACE', '/v1/videos', 'GET, HEAD, POST'],
  ['PROPFIND', '/v1/videos', 'GET, HEAD, POST'],
  ['PATCH', `/v1/videos/video_${'0'.repeat(32)}`, 'GET, HEAD, DELETE'],
  ['POST', `/v1/videos/video_${'0'.repeat(32)}/content`, 'GET, HEAD'],
  ['DELETE', '/v1/videos/edits', 'POST'],
  ['OPTIONS', '/v1/videos/characters', 'POST'],
  ['POST', '/health/live', 'GET, HEAD'],
];

export const paths: readonly HostileCase[] = [
  ...IDS.flatMap((id) =>
    (
      [
        ['GET', ''],
        ['DELETE', ''],
        ['GET', '/content'],
      ] as const
    ).map(([method, rest]) =>
      refused(8, `${method} of the id ${id.slice(0, 40)}${rest}`, [method, `/v1/videos/${id}${rest}`], {
        status: 404,
        code: 'video_not_found',
        param: 'video_id',
      }),
    ),
  ),
  ...PATHS.map(
    ([row, path]): HostileCase => ({
      row,
      name: `${path}: 404 or 400, with or without a key`,
      async run(world) {
        for (const headers of [['Host: x'], ['Host: x', bearer(world)]]) {
          const { status, text } = await world.raw(
            head(`GET ${path} HTTP/1.1`, 'Connection: close', ...headers),
          );
          expect([400, 404]).toContain(status);
          expect(text).toContain('"error":{"message":');
        }
      },
    }),
  ),
  {
    row: 9,
    name: 'what is not served under /v1: 401 without a key, 404 with one',
    async run({ stack, team }) {
      for (const path of ['/v1/Videos', '/v1/v1/videos', '/v1/_stainless_unknown_path?x=1']) {
        expect(await stack.ask(null, 'GET', path)).toMatchObject({ status: 401 });
        expect(await stack.ask(team, 'GET', path)).toMatchObject({
          status: 404,
          json: { error: { message: `Invalid URL (GET ${path.split('?')[0]})`, code: null } },
        });
      }
    },
  },
  {
    row: 12,
    name: 'headers that say which headers to drop are not obeyed',
    async run(world) {
      const lines = [
        'Host: x',
        bearer(world),
        'Connection: authorization, x-forwarded-for, close',
        'X-Forwarded-For: 10.9.8.7',
      ];
      expect((await world.raw(head('GET /v1/videos HTTP/1.1', ...lines))).status).toBe(200);
    },
  },
  {
    row: 13,
    name: 'a method in a header or in the query is not obeyed',
    async run(world) {
      const headers = {
        'x-http-method-override': 'DELETE',
        'x-http-method': 'DELETE',
        'x-method-override': 'DELETE',
      };
      const path = `/v1/videos/${world.videoId}?_method=DELETE`;
      expect(await world.ask('GET', path, { headers })).toMatchObject({
        status: 200,
        json: { id: world.videoId },
      });
      expect((await world.ask('GET', `/v1/videos/${world.videoId}`)).status).toBe(200);
    },
  },
  ...METHODS.map(
    ([method, path, allow]): HostileCase => ({
      row: 13,
      name: `${method} ${path}: 405 with Allow, and no CORS`,
      async run(world) {
        const lines = ['Host: x', bearer(world), 'Origin: https://evil.example', 'Connection: close'];
        const { status, text } = await world.raw(head(`${method} ${path} HTTP/1.1`, ...lines));
        expect(status).toBe(405);
        expect(text).toContain(`allow: ${allow}\r\n`);
        expect(text.toLowerCase()).not.toContain('access-control');
      },
    }),
  ),
  {
    row: 13,
    name: 'CONNECT: closed',
    async run(world) {
      expect(await world.raw(head('CONNECT evil.example:443 HTTP/1.1', 'Host: x'))).toMatchObject({
        closed: true,
      });
    },
  },
];
