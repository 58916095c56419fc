import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { askRaw, type Stack, startStack, type Team } from './gateway-process.ts';

let stack: Stack;
let team: Team;

beforeAll(async () => {
  stack = await startStack({ env: { BODY_TIMEOUT: '1s', LOG_LEVEL: 'warn' } });
  team = await stack.addTeam();
});
afterAll(() => stack.close());

afterEach(async () => {
  // Whatever came before, the next caller is served by the same process, and nothing was made.
  expect((await stack.ask(team, 'GET', '/v1/videos')).json.data).toEqual([]);
  expect(stack.gateway.process.exitCode).toBeNull();
});

const AUTH = () => `Authorization: Bearer ${team.secret}`;
const head = (line: string, ...headers: string[]) => `${[line, ...headers].join('\r\n')}\r\n\r\n`;
const raw = (text: string | Buffer, until?: (text: string) => boolean) =>
  askRaw(stack.gateway.port, text, until);
const isWhole = (text: string) => text.includes('\r\n\r\n') && text.endsWith('}');

async function memoryBytes(): Promise<number> {
  const status = await readFile(`/proc/${stack.gateway.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

describe('paths', () => {
  test.each([
    '//v1//videos',
    '/v1/videos/',
    '/V1/videos',
    '/v1/videos;x=1',
    '/v1%2fvideos',
    '/v1/%76ideos',
    '/v1/./videos',
    '/x/../v1/videos',
    '/v1/videos/%2e%2e/%2e%2e/health/live',
    '/v1/videos/video_a/../b',
    '/v1/videos/video_%2fx',
    '/v1/videos/video_%00',
    '/v1/videos/..%2f..%2fadmin',
    '/v1\\videos',
    '/health/live/',
    '/health//live',
    '*',
    'http://evil.example/v1/videos',
    'http://x/health/live',
  ])('%s: 404 or 400 in the envelope, with or without a key', async (path) => {
    for (const headers of [['Host: x'], ['Host: x', AUTH()]]) {
      const { status, text } = await raw(head(`GET ${path} HTTP/1.1`, 'Connection: close', ...headers));
      expect([400, 404]).toContain(status);
      expect(text).toContain('"error":{"message":');
    }
  });

  test('what is not served under /v1: 401 without a key, 404 with one', async () => {
    for (const path of ['/v1/Videos', '/v1/v1/videos', '/v1/_stainless_unknown_path?x=1']) {
      expect(await stack.ask(null, 'GET', path)).toMatchObject({ status: 401 });
      expect(await stack.ask(team, 'GET', path)).toMatchObject({
        status: 404,
        json: { error: { message: `Invalid URL (GET ${path.split('?')[0]})`, code: null } },
      });
    }
  });

  test.each(['video_123', `video_${'x'.repeat(65)}`, `video_${'x'.repeat(4_000)}`, 'constructor', '-'])(
    'the id %s: 404',
    async (id) => {
      for (const [method, rest] of [
        ['GET', ''],
        ['DELETE', ''],
        ['GET', '/content'],
      ] as const) {
        const answer = await stack.ask(team, method, `/v1/videos/${id}${rest}`);
        expect(answer).toMatchObject({
          status: 404,
          json: { error: { code: 'video_not_found', param: 'video_id' } },
        });
      }
    },
  );
});

describe('methods', () => {
  test.each([
    ['OPTIONS', '/v1/videos', 'GET, HEAD, POST'],
    ['PUT', '/v1/videos', 'GET, HEAD, POST'],
    ['TRACE', '/v1/videos', 'GET, HEAD, POST'],
    ['PATCH', `/v1/videos/video_${'0'.repeat(32)}`, 'GET, HEAD, DELETE'],
    ['POST', `/v1/videos/video_${'0'.repeat(32)}/content`, 'GET, HEAD'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['PROPFIND', '/v1/videos', 'GET, HEAD, POST'],
  ])('%s %s: 405 with Allow, and no CORS', async (method, path, allow) => {
    const { status, text } = await raw(
      head(
        `${method} ${path} HTTP/1.1`,
        'Host: x',
        AUTH(),
        'Origin: https://evil.example',
        'Connection: close',
      ),
    );
    expect(status).toBe(405);
    expect(text).toContain(`allow: ${allow}\r\n`);
    expect(text.toLowerCase()).not.toContain('access-control');
  });

  test('CONNECT: closed', async () => {
    expect(await raw(head('CONNECT evil.example:443 HTTP/1.1', 'Host: x'))).toMatchObject({ closed: true });
  });
});

describe('requests that cannot be read: 400, and the connection is over', () => {
  const post = 'POST /v1/videos HTTP/1.1';
  const json = 'Content-Type: application/json';
  const smuggled = head('GET /v1/videos HTTP/1.1', 'Host: x');
  test.each<[string, () => string]>([
    [
      'length and chunks',
      () =>
        head(post, 'Host: x', AUTH(), json, 'Content-Length: 4', 'Transfer-Encoding: chunked') +
        `0\r\n\r\n${smuggled}`,
    ],
    [
      'an unknown encoding',
      () => head(post, 'Host: x', AUTH(), json, 'Transfer-Encoding: xchunked') + smuggled,
    ],
    [
      'two lengths',
      () => head(post, 'Host: x', AUTH(), json, 'Content-Length: 1', 'Content-Length: 2') + smuggled,
    ],
    ['a signed length', () => head(post, 'Host: x', AUTH(), json, 'Content-Length: +5') + smuggled],
    ['bare line feeds', () => `GET /v1/videos HTTP/1.1\nHost: x\n${AUTH()}\n\n`],
    ['a folded header', () => head('GET /v1/videos HTTP/1.1', 'Host: x', AUTH(), 'X-A: b', ' c')],
    ['a space before the colon', () => head('GET /v1/videos HTTP/1.1', 'Host: x', 'Authorization : x')],
    ['no Host', () => head('GET /v1/videos HTTP/1.1', AUTH())],
    ['two Hosts', () => head('GET /v1/videos HTTP/1.1', 'Host: x', 'Host: y', AUTH())],
    ['a Host with a port that is none', () => head('GET /v1/videos HTTP/1.1', 'Host: x:99999', AUTH())],
    ['a Host that is none', () => head('GET /v1/videos HTTP/1.1', 'Host: [::1', AUTH())],
    ['a NUL in a header', () => head('GET /v1/videos HTTP/1.1', 'Host: x', AUTH(), 'X-A: a\0b')],
    ['TLS on a plain port', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s', async (_, text) => {
    const answer = await raw(text());
    expect([answer.status, answer.closed]).toEqual([400, true]);
    expect(answer.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test.each([
    [
      '17 kB of headers',
      () => head('GET /v1/videos HTTP/1.1', 'Host: x', AUTH(), `X-A: ${'a'.repeat(17_000)}`),
    ],
    [
      'a chunk extension of 1 MB',
      () =>
        head(post, 'Host: x', AUTH(), json, 'Transfer-Encoding: chunked') +
        `5;${'e'.repeat(1_000_000)}\r\nhello\r\n0\r\n\r\n`,
    ],
  ])('%s', async (_, text) => {
    const answer = await raw(text());
    expect([400, 413, 431]).toContain(answer.status);
    expect(answer.closed).toBe(true);
  });

  test('headers that say which headers to drop are not obeyed', async () => {
    const answer = await raw(
      head(
        'GET /v1/videos HTTP/1.1',
        'Host: evil.example',
        AUTH(),
        'Connection: authorization, close',
        'X-Forwarded-Host: evil.example',
      ),
    );
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('evil.example');
  });
});

describe('bodies', () => {
  const chunked = (type: string) =>
    head(
      'POST /v1/videos HTTP/1.1',
      'Host: x',
      AUTH(),
      `Content-Type: ${type}`,
      'Transfer-Encoding: chunked',
    );

  /** Sends without end, as fast as it is taken, until the server closes. */
  async function flood(start: string, piece: Buffer, maxBytes: number) {
    const socket = connect(stack.gateway.port, '127.0.0.1');
    let text = '';
    let sentBytes = 0;
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', () => {});
    await new Promise<void>((resolve) => {
      socket.on('close', () => resolve());
      socket.write(start);
      const push = () => {
        while (!socket.destroyed && sentBytes < maxBytes) {
          sentBytes += piece.length;
          if (!socket.write(piece)) return void socket.once('drain', push);
        }
        socket.end();
      };
      push();
    });
    return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), sentBytes };
  }

  const kilobytes64 = Buffer.alloc(65_536, 0x20);
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), kilobytes64, Buffer.from('\r\n')]);
  test.each([
    ['JSON without a length', () => chunked('application/json'), chunk, [413]],
    [
      'one endless form field',
      () =>
        `${chunked('multipart/form-data; boundary=B')}3a\r\n--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n\r\n`,
      chunk,
      [400, 413],
    ],
    ['an endless preamble', () => chunked('multipart/form-data; boundary=B'), chunk, [400, 413]],
    [
      'an endless file',
      () =>
        `${chunked('multipart/form-data; boundary=B')}50\r\n--B\r\nContent-Disposition: form-data; name="input_reference"; filename="a"\r\n\r\n \r\n`,
      chunk,
      [400],
    ],
    [
      'JSON that says that it is 1 GB',
      () =>
        head(
          'POST /v1/videos HTTP/1.1',
          'Host: x',
          AUTH(),
          'Content-Type: application/json',
          'Content-Length: 1000000000',
        ),
      kilobytes64,
      [413],
    ],
  ])('%s: refused early, memory flat', async (_, start, piece, statuses) => {
    const before = await memoryBytes();
    const answer = await flood(start(), piece, 1_000_000_000);
    expect(statuses).toContain(answer.status);
    expect(answer.sentBytes).toBeLessThan(100_000_000);
    expect((await memoryBytes()) - before).toBeLessThan(64 * 1024 * 1024);
  });

  test.each(['application/json', 'multipart/form-data; boundary=B'])('%s that drips: 408', async (type) => {
    const answer = await raw(
      `${head('POST /v1/videos HTTP/1.1', 'Host: x', AUTH(), `Content-Type: ${type}`, 'Content-Length: 1000')}{`,
      isWhole,
    );
    expect(answer.status).toBe(408);
  });

  test('a client that leaves in the middle of its body', async () => {
    const socket = connect(stack.gateway.port, '127.0.0.1');
    socket.write(
      `${head('POST /v1/videos HTTP/1.1', 'Host: x', AUTH(), 'Content-Type: application/json', 'Content-Length: 1000')}{"prompt":`,
      () => socket.resetAndDestroy(),
    );
    await new Promise((resolve) => socket.on('close', resolve));
  });

  test('a form cut at every byte, in pieces: 400, each time', async () => {
    const body = '--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nx\r\n--B--';
    for (let length = 0; length < body.length; length += 3) {
      const answer = await stack.ask(team, 'POST', '/v1/videos', {
        body: body.slice(0, length),
        headers: { 'content-type': 'multipart/form-data; boundary=B' },
      });
      expect([length, answer.status]).toEqual([length, 400]);
    }
  });

  test.each([
    ['__proto__', '{"prompt":"x","__proto__":{"polluted":true}}'],
    ['constructor', '{"prompt":"x","constructor":{"prototype":{"polluted":true}}}'],
    ['nesting', `{"prompt":"x","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['keys', `{"prompt":"x",${Array.from({ length: 15_000 }, (_, i) => `"k${i}":0`).join(',')}}`],
  ])('JSON with %s: 400, quickly', async (_, body) => {
    const answer = await stack.ask(team, 'POST', '/v1/videos', {
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(400);
    expect(Number(answer.headers['openai-processing-ms'])).toBeLessThan(1_000);
  });
});

test("a caller's request id is kept in the log only where it is harmless; ours is always new", async () => {
  const gateway = await stack.startGateway({ LOG_LEVEL: 'info' });
  const ids = ['my-id_1', 'x'.repeat(65), 'a b', '{"a":1}'];
  for (const id of ids) {
    const answer = await stack.ask(team, 'GET', '/v1/videos', {
      headers: { 'x-request-id': id },
      origin: gateway.origin,
    });
    expect(answer.headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/);
  }
  expect(await gateway.stop()).toBe(0);
  const logged = gateway.lines
    .filter((line) => line.event === 'http.request')
    .map((line) => line.clientRequestId);
  expect(logged).toEqual(['my-id_1', undefined, undefined, undefined]);
});
