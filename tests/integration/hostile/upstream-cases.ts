/** Rows 48 to 50 and 70: an upstream that answers with anything. */
import { gzipSync } from 'node:zlib';
import { type Exchange, send } from '../adapters/upstream-server.ts';

export const UPSTREAM_KEY = 'sk-proj-upstreamsecret0123456789';

export interface UpstreamCase {
  readonly row: number;
  readonly name: string;
  readonly create?: (exchange: Exchange) => unknown;
  /** Of every look, in place of a completed video; `id` is the upstream's. */
  readonly look?: (id: string) => Record<string, unknown>;
  readonly content?: (exchange: Exchange, film: Buffer) => unknown;
  /** What the caller gets for its create, and what becomes of the video: completed, failed, or neither for now. */
  readonly answer: number;
  readonly end: 'completed' | 'failed' | 'open' | 'nothing';
}

export const wireVideo = (id: string, fields: Record<string, unknown> = {}) => ({
  id,
  object: 'video',
  status: 'completed',
  progress: 100,
  created_at: Math.floor(Date.now() / 1000),
  model: 'sora-2',
  seconds: '4',
  size: '720x1280',
  ...fields,
});

/** Sends without end until the other side has had enough. */
async function endless(
  { response }: Exchange,
  headers: Record<string, string>,
  piece: Buffer,
): Promise<void> {
  response.writeHead(200, headers);
  let closed = false;
  response.on('close', () => {
    closed = true;
  });
  while (!closed) {
    if (!response.write(piece))
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
  }
}

const JSON_HEADERS = { 'content-type': 'application/json' };
const HTML = '<html><body>Sign in to the corporate proxy</body></html>';
const leak = `Incorrect API key provided: ${UPSTREAM_KEY}. Organization org-Abc123Def456 at https://internal.render.example/v1/x 10.1.2.3`;

export const upstreamCases: readonly UpstreamCase[] = [
  {
    row: 48,
    name: 'HTML in place of JSON',
    create: (x) => send(x, { status: 200, headers: { 'content-type': 'text/html' }, body: HTML }),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'JSON without end',
    create: (x) => endless(x, JSON_HEADERS, Buffer.alloc(65_536, 0x20)),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'a gzip bomb',
    create: (x) =>
      send(x, {
        status: 200,
        headers: { ...JSON_HEADERS, 'content-encoding': 'gzip' },
        body: gzipSync(Buffer.alloc(100_000_000)),
      }),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'a redirect to the inside',
    create: (x) => send(x, { status: 307, headers: { location: '/inside' } }),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'an id that would bend a URL',
    create: (x) => send(x, { status: 200, body: wireVideo('../../inside', { status: 'queued' }) }),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'an id of another type',
    create: (x) => send(x, { status: 200, body: wireVideo({ $ne: 1 } as never) }),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'negative progress and a status of nobody',
    look: (id) => wireVideo(id, { status: 'toString', progress: -5 }),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'a status that is __proto__',
    look: (id) => wireVideo(id, { status: '__proto__', progress: 1e308 }),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'the video of another',
    look: () => wireVideo('video_of_another'),
    answer: 200,
    end: 'open',
  },
  ...[0, -1, 2_147_483_648, 253_402_300_799, 1e308, Number.NaN, '9999-12-31'].map(
    (time): UpstreamCase => ({
      row: 70,
      name: `times of ${time}`,
      look: (id) => wireVideo(id, { created_at: time, completed_at: time, expires_at: time }),
      answer: 200,
      end: 'completed',
    }),
  ),
  {
    row: 48,
    name: 'HTML in place of the content',
    content: (x) => send(x, { status: 200, headers: { 'content-type': 'text/html' }, body: HTML }),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'HTML that says it is an MP4',
    content: (x) => send(x, { status: 200, headers: { 'content-type': 'video/mp4' }, body: HTML }),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'content of a million gigabytes',
    content: (x) =>
      send(x, {
        status: 200,
        headers: { 'content-type': 'video/mp4', 'content-length': '1000000000000000' },
        body: '',
      }),
    answer: 200,
    end: 'open',
  },
  {
    row: 48,
    name: 'a redirect of the content to the inside',
    content: (x) =>
      send(x, { status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data/' } }),
    answer: 200,
    end: 'open',
  },
  {
    row: 50,
    name: 'content with headers of its own',
    content: (x, film) =>
      send(x, {
        status: 200,
        headers: {
          'content-type': 'video/mp4',
          'content-disposition': 'inline; filename="evil.html"',
          'set-cookie': 'session=evil',
          'x-request-id': 'evil"; x=',
          'access-control-allow-origin': '*',
          server: 'evil',
        },
        body: film,
      }),
    answer: 200,
    end: 'completed',
  },
  {
    row: 49,
    name: 'a refusal that tells its key, its account and its address',
    create: (x) =>
      send(x, {
        status: 400,
        body: { error: { message: leak, code: 'invalid_request', type: 'invalid_request_error' } },
      }),
    answer: 400,
    end: 'nothing',
  },
  {
    row: 49,
    name: 'a refusal of our key',
    create: (x) => send(x, { status: 401, body: { error: { message: leak, code: 'invalid_api_key' } } }),
    answer: 200,
    end: 'open',
  },
  {
    row: 49,
    name: 'a refusal that repeats the prompt',
    create: (x) =>
      send(x, {
        status: 400,
        body: {
          error: {
            message: `Not allowed: ${x.request.body.toString('latin1')}`,
            code: 'content_policy_violation',
          },
        },
      }),
    answer: 400,
    end: 'nothing',
  },
  {
    row: 49,
    name: 'a failed video that tells its key',
    look: (id) => wireVideo(id, { status: 'failed', error: { code: 'x y', message: leak } }),
    answer: 200,
    end: 'failed',
  },
  {
    row: 50,
    name: 'a code with quotes and line breaks',
    create: (x) => send(x, { status: 400, body: { error: { message: 'no', code: 'a"\r\nx-evil: 1' } } }),
    answer: 400,
    end: 'nothing',
  },
];
