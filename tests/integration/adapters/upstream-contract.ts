import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { ClosableUpstream, UpstreamTimeouts } from '@reelgate/adapters/upstreams';
import type { SubmitResult, UpstreamJob } from '@reelgate/core/ports';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Answer,
  type Behave,
  bytesOf,
  type SeenRequest,
  send,
  sendCut,
  startUpstreamServer,
  type UpstreamServer,
} from './upstream-server.ts';

/** What a kind of upstream must tell so that the checks that hold for all kinds can be run against it. It offers creates alone. */
export interface UpstreamWire {
  readonly name: string;
  connect(options: { origin: string; apiKey: string; timeouts: Partial<UpstreamTimeouts> }): ClosableUpstream;
  isCreate(request: SeenRequest): boolean;
  /** The answers of a server that behaves. */
  accepted(id: string): Answer;
  running(id: string): Answer;
}

export const API_KEY = 'canary-7f3a9c51e0b24d68-key';
const PROMPT = 'A canary in a coal mine, seen from below, in the light of one lamp';
export const JOB: UpstreamJob = {
  operation: 'create',
  model: 'wan-2.2',
  prompt: PROMPT,
  seconds: 8,
  size: '1280x720',
  params: {},
  files: [],
  characterIds: [],
};

const PATIENT: Partial<UpstreamTimeouts> = { createHeadersMs: 20_000, createTotalMs: 30_000 };
const HASTY: Partial<UpstreamTimeouts> = {
  connectMs: 400,
  createHeadersMs: 400,
  createTotalMs: 900,
  headersMs: 400,
  bodyIdleMs: 400,
  readTotalMs: 900,
};

/** What every adapter must make of a server that misbehaves, whatever wire it speaks. */
export function describeUpstreamContract(wire: UpstreamWire): void {
  const open: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  const connect = (origin: string, timeouts = PATIENT) => {
    const upstream = wire.connect({ origin, apiKey: API_KEY, timeouts });
    open.push(upstream);
    return upstream;
  };
  const serve = async (behave: Behave) => {
    const server = await startUpstreamServer(behave);
    open.push(server);
    return server;
  };
  const start = async (behave: Behave, timeouts = PATIENT) => {
    const server = await serve(behave);
    return { server, upstream: connect(server.origin, timeouts) };
  };
  const creates = (server: UpstreamServer) => server.requests.filter(wire.isCreate).length;
  const submit = (upstream: ClosableUpstream) => upstream.submit(JOB, { submissionId: 'sub_1' });

  describe(`${wire.name}: a create`, () => {
    it('is sent once, with the credential and over a connection of its own', async () => {
      const { server, upstream } = await start((exchange) => send(exchange, wire.accepted('up_1')));
      for (let n = 1; n <= 3; n++) {
        expect(await submit(upstream)).toMatchObject({ kind: 'accepted', handle: { id: 'up_1' } });
        expect(creates(server)).toBe(n);
        expect(server.connections()).toBe(n);
      }
      const [request] = server.requests;
      expect(JSON.stringify(request?.headers)).toContain(API_KEY);
      expect(request?.body.toString()).toContain(PROMPT);
    });

    const whole = bytesOf(wire.accepted('up_1')).length;
    const unconfirmed: Record<string, Behave> = {
      'a reset': ({ socket }) => socket.resetAndDestroy(),
      'an end of the connection': ({ socket }) => socket.end(),
      'an end within the head': ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
      'no HTTP': ({ socket }) => socket.end('SSH-2.0-OpenSSH_9\r\n'),
      'status 408': (exchange) => send(exchange, { status: 408 }),
      'status 409': (exchange) => send(exchange, { ...wire.accepted('up_1'), status: 409 }),
      'status 500 with a job': (exchange) => send(exchange, { ...wire.accepted('up_1'), status: 500 }),
      'status 502 in HTML': (exchange) => send(exchange, { status: 502, body: '<h1>Bad Gateway</h1>' }),
      'status 503 with retry-after': (exchange) =>
        send(exchange, { status: 503, headers: { 'retry-after': '0' } }),
      'status 504': (exchange) => send(exchange, { status: 504 }),
      'status 302': (exchange) => send(exchange, { status: 302, headers: { location: '/elsewhere' } }),
      'status 307': (exchange) =>
        send(exchange, { status: 307, headers: { location: exchange.request.url } }),
      'success without a body': (exchange) => send(exchange, { status: 200 }),
      'success without an id': (exchange) => send(exchange, { status: 200, body: { status: 'queued' } }),
      'success in HTML': (exchange) =>
        send(exchange, { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }),
      'success in gzip': (exchange) => {
        const accepted = wire.accepted('up_1');
        const headers = { ...accepted.headers, 'content-encoding': 'gzip' };
        send(exchange, { ...accepted, headers, body: gzipSync(bytesOf(accepted)) });
      },
      ...Object.fromEntries(
        [0, 1, Math.floor(whole / 2), whole - 1].map(
          (bytes) =>
            [
              `success cut after ${bytes} of ${whole} bytes`,
              (exchange) => sendCut(exchange, wire.accepted('up_1'), bytes),
            ] satisfies [string, Behave],
        ),
      ),
      'success in chunks that never end': ({ response, socket }) => {
        response.writeHead(200).write(bytesOf(wire.accepted('up_1')));
        socket.destroySoon();
      },
    };
    it.each(Object.entries(unconfirmed))('answered by %s is unknown', async (_, behave) => {
      const { server, upstream } = await start(behave);
      const result = await submit(upstream);
      expect(result.kind).toBe('unknown');
      expect(creates(server)).toBe(1);
      expect(server.requests).toHaveLength(1);
      expectSilent(result, server);
    });

    it.each<[string, Behave]>([
      ['is never answered', () => {}],
      ['is answered by a head alone', ({ response }) => response.writeHead(200).flushHeaders()],
      ['is answered drop by drop', ({ response }) => drip(response.writeHead(200))],
    ])('that %s is unknown in time', async (_, behave) => {
      const { server, upstream } = await start(behave, HASTY);
      expect((await submit(upstream)).kind).toBe('unknown');
      expect(creates(server)).toBe(1);
    });

    it('answered without end is unknown, and not read to its end', async () => {
      const flood = createFlood();
      const { server, upstream } = await start(({ response }) => flood.pour(response.writeHead(200)));
      expect((await submit(upstream)).kind).toBe('unknown');
      await vi.waitFor(() => expect(flood.stopped()).toBe(true), 10_000);
      expect(flood.bytes()).toBeLessThan(32 * MiB);
      expect(creates(server)).toBe(1);
    });

    it('answered whole is accepted, even where the connection is reset after that', async () => {
      const accepted = wire.accepted('up_1');
      const { server, upstream } = await start(({ response, socket }) => {
        const body = bytesOf(accepted);
        response.writeHead(accepted.status, { 'content-length': body.length });
        response.end(body, () => socket.destroySoon());
      });
      expect((await submit(upstream)).kind).toBe('accepted');
      expect(creates(server)).toBe(1);
    });

    it.each([400, 404, 413, 415, 422])('answered by %i is refused for good', async (status) => {
      const { server, upstream } = await start((exchange) => send(exchange, { status }));
      const result = await submit(upstream);
      expect(result).toMatchObject({
        kind: 'refused',
        retry: 'never',
        operatorFault: false,
        error: { httpStatus: status },
      });
      expect(creates(server)).toBe(1);
    });

    it('answered by 429 is refused until later', async () => {
      const { server, upstream } = await start((exchange) =>
        send(exchange, { status: 429, headers: { 'retry-after': '7' } }),
      );
      expect(await submit(upstream)).toMatchObject({
        kind: 'refused',
        retry: 'later',
        retryAfterMs: 7_000,
        operatorFault: false,
      });
      expect(creates(server)).toBe(1);
    });

    it.each([401, 403])('answered by %i is the fault of the operator', async (status) => {
      const body = { error: { message: `Incorrect API key provided: ${API_KEY}`, code: 'invalid_api_key' } };
      const { server, upstream } = await start((exchange) => send(exchange, { status, body }));
      const result = await submit(upstream);
      expect(result).toMatchObject({ kind: 'refused', retry: 'later', operatorFault: true });
      expectSilent(result, server);
    });

    it.each([
      (server: UpstreamServer) => `Refused by ${server.origin}: key ${API_KEY} of org-9f8e7d6c`,
      (server: UpstreamServer) => `127.0.0.1:${server.port} is full`,
      () => `Your prompt "${PROMPT}" is not allowed`,
    ])('is refused without a word about us %#', async (message) => {
      const { server, upstream } = await start((exchange) =>
        send(exchange, { status: 400, body: { error: { message: message(server), code: 'bad' } } }),
      );
      const result = await submit(upstream);
      expect(result.kind).toBe('refused');
      expectSilent(result, server);
    });

    it('is not sent where nobody listens', async () => {
      const server = await startUpstreamServer(() => {});
      await server.close();
      const result = await submit(connect(server.origin));
      expect(result.kind).toBe('not_sent');
      expectSilent(result, server);
    });

    it('is not sent where the name leads nowhere', async () => {
      const result = await submit(connect('http://no-such-host.invalid'));
      expect(result.kind).toBe('not_sent');
      expect(JSON.stringify(result)).not.toContain('no-such-host');
    });

    it('is not sent where TLS fails', async () => {
      const { server } = await start((exchange) => send(exchange, wire.accepted('up_1')));
      expect((await submit(connect(`https://127.0.0.1:${server.port}`))).kind).toBe('not_sent');
      expect(server.connections()).toBe(1);
      expect(server.requests).toHaveLength(0);

      const certless = createTlsServer().listen(0, '127.0.0.1');
      certless.on('tlsClientError', () => {});
      open.push({ close: () => new Promise((resolve) => certless.close(resolve)) });
      await once(certless, 'listening');
      const { port } = certless.address() as AddressInfo;
      expect((await submit(connect(`https://127.0.0.1:${port}`))).kind).toBe('not_sent');
    });

    it('is not sent where TLS never comes about', async () => {
      const received: Buffer[] = [];
      const mute = createTcpServer((socket) => {
        socket.on('error', () => {}).on('data', (chunk) => received.push(chunk));
      }).listen(0, '127.0.0.1');
      open.push({ close: () => new Promise((resolve) => mute.close(resolve)) });
      await once(mute, 'listening');
      const { port } = mute.address() as AddressInfo;
      const upstream = connect(`https://127.0.0.1:${port}`, HASTY);
      expect((await submit(upstream)).kind).toBe('not_sent');
      expect(Buffer.concat(received).includes(PROMPT)).toBe(false);
    });

    it('in flight is waited for by close()', async () => {
      const answer = Promise.withResolvers<void>();
      const { server, upstream } = await start(async (exchange) => {
        await answer.promise;
        send(exchange, wire.accepted('up_1'));
      });
      const settled: string[] = [];
      const submitted = submit(upstream).then((result) => settled.push(result.kind));
      await vi.waitFor(() => expect(creates(server)).toBe(1), 10_000);
      const closed = upstream.close().then(() => settled.push('closed'));
      answer.resolve();
      await Promise.all([submitted, closed]);
      expect(settled).toEqual(['accepted', 'closed']);
    });

    it.each(['remix', 'edit', 'extend'] as const)('%s is refused unsent', async (operation) => {
      const { server, upstream } = await start((exchange) => send(exchange, wire.accepted('up_1')));
      expect(await upstream.submit({ ...JOB, operation }, { submissionId: 'sub_1' })).toMatchObject({
        kind: 'refused',
        retry: 'never',
        operatorFault: false,
        error: { code: 'unsupported_operation' },
      });
      expect(server.connections()).toBe(0);
    });
  });

  describe(`${wire.name}: a look`, () => {
    const poll = (upstream: ClosableUpstream, signal?: AbortSignal) => upstream.poll({ id: 'up_1' }, signal);

    it('sees the video', async () => {
      const { upstream } = await start((exchange) => send(exchange, wire.running('up_1')));
      expect(await poll(upstream)).toMatchObject({ kind: 'seen', video: { id: 'up_1', state: 'running' } });
    });

    it('does not take another video for it', async () => {
      const { upstream } = await start((exchange) => send(exchange, wire.running('up_2')));
      expect((await poll(upstream)).kind).toBe('unavailable');
    });

    it('tells that a video is missing', async () => {
      const { upstream } = await start((exchange) => send(exchange, { status: 404 }));
      expect(await poll(upstream)).toEqual({ kind: 'missing' });
    });

    it.each<[string, Behave]>([
      ['a reset', ({ socket }) => socket.resetAndDestroy()],
      ['401', (exchange) => send(exchange, { status: 401, body: { error: { message: API_KEY } } })],
      ['403', (exchange) => send(exchange, { status: 403 })],
      ['429', (exchange) => send(exchange, { status: 429 })],
      ['500', (exchange) => send(exchange, { status: 500, body: { error: { code: 'failed' } } })],
      ['503 in HTML', (exchange) => send(exchange, { status: 503, body: '<h1>' })],
      ['HTML', (exchange) => send(exchange, { status: 200, body: '<h1>' })],
      ['a cut body', (exchange) => sendCut(exchange, wire.running('up_1'), 5)],
      ['a redirect', (exchange) => send(exchange, { status: 302, headers: { location: '/x' } })],
    ])('learns nothing from %s', async (_, behave) => {
      const { server, upstream } = await start(behave);
      const result = await poll(upstream);
      expect(result.kind).toBe('unavailable');
      expectSilent(result, server);
    });

    it.each<[string, Behave]>([
      ['silence', () => {}],
      ['an answer drop by drop', ({ response }) => drip(response.writeHead(200))],
    ])('gives up on %s', async (_, behave) => {
      const { upstream } = await start(behave, HASTY);
      expect((await poll(upstream)).kind).toBe('unavailable');
    });

    it('can be called off', async () => {
      const { server, upstream } = await start(() => {});
      const controller = new AbortController();
      const result = poll(upstream, controller.signal);
      await vi.waitFor(() => expect(server.requests).toHaveLength(1), 10_000);
      controller.abort();
      expect((await result).kind).toBe('unavailable');
    });

    it('learns nothing where nobody listens', async () => {
      const server = await startUpstreamServer(() => {});
      await server.close();
      const upstream = connect(server.origin);
      expect((await poll(upstream)).kind).toBe('unavailable');
      expect((await upstream.list({})).kind).toBe('unavailable');
      expect((await upstream.open({ id: 'up_1' }, 'video')).kind).toBe('unavailable');
    });
  });

  describe(`${wire.name}: content`, () => {
    const MP4 = { 'content-type': 'video/mp4' };
    const openVideo = (upstream: ClosableUpstream) => upstream.open({ id: 'up_1' }, 'video');
    const openStream = async (upstream: ClosableUpstream) => {
      const result = await openVideo(upstream);
      if (result.kind !== 'stream') throw new Error(`There is no stream but ${JSON.stringify(result)}`);
      return result;
    };

    it('streams whole', async () => {
      const bytes = Buffer.alloc(3 * MiB, 'reelgate');
      const headers = { ...MP4, 'content-length': String(bytes.length) };
      const { upstream } = await start((exchange) => send(exchange, { status: 200, headers, body: bytes }));
      const stream = await openStream(upstream);
      expect(stream).toMatchObject({ contentLength: bytes.length, contentType: 'video/mp4' });
      expect((await buffer(stream.body)).equals(bytes)).toBe(true);
    });

    it.each<[string, Behave]>([
      [
        'short of its length',
        (exchange) => sendCut(exchange, { status: 200, headers: MP4, body: Buffer.alloc(1000) }, 400),
      ],
      [
        'short of its last chunk',
        ({ response, socket }) => {
          response.writeHead(200, MP4).write(Buffer.alloc(400));
          socket.destroySoon();
        },
      ],
    ])('that ends %s is an error of the stream', async (_, behave) => {
      const { upstream } = await start(behave);
      const { body } = await openStream(upstream);
      await expect(buffer(body)).rejects.toThrow();
    });

    it('of no announced length that is cut ends like a whole one: only its structure can tell', async () => {
      const { upstream } = await start(({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\nconnection: close\r\n\r\n');
        socket.end(Buffer.alloc(400));
      });
      const { body, contentLength } = await openStream(upstream);
      expect(contentLength).toBeUndefined();
      expect(await buffer(body)).toHaveLength(400);
    });

    it('that stops coming is an error of the stream', async () => {
      const { upstream } = await start(
        ({ response }) => response.writeHead(200, MP4).write(Buffer.alloc(400)),
        HASTY,
      );
      const { body } = await openStream(upstream);
      await expect(buffer(body)).rejects.toThrow();
    });

    it('comes no faster than it is read', async () => {
      const flood = createFlood();
      const { upstream } = await start(({ response }) => flood.pour(response.writeHead(200, MP4)));
      const { body } = await openStream(upstream);
      await vi.waitFor(() => expect(flood.waiting()).toBe(true), { timeout: 20_000 });
      const before = flood.bytes();
      expect(before).toBeLessThan(64 * MiB);
      // Reading makes room: the server goes on only now.
      let read = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        read += chunk.length;
        if (read > before) break;
      }
      expect(flood.bytes()).toBeGreaterThan(before);
      await vi.waitFor(() => expect(flood.stopped()).toBe(true), 10_000);
    });

    it('follows a redirect to another origin, and the credential does not', async () => {
      const store = await serve((exchange) => send(exchange, { status: 200, headers: MP4, body: 'bytes' }));
      const { server, upstream } = await start((exchange) =>
        send(exchange, { status: 302, headers: { location: `${store.origin}/file.mp4?signature=1` } }),
      );
      const { body } = await openStream(upstream);
      expect((await buffer(body)).toString()).toBe('bytes');
      expect(JSON.stringify(server.requests[0]?.headers)).toContain(API_KEY);
      expect(store.requests.map(({ url }) => url)).toEqual(['/file.mp4?signature=1']);
      expect(JSON.stringify(store.requests)).not.toContain(API_KEY);
    });

    it.each([
      ['a private name', (port: number) => `http://localhost:${port}/`],
      ['a private address', (port: number) => `http://127.0.0.2:${port}/`],
      ['a mapped address', (port: number) => `http://[::ffff:127.0.0.1]:${port}/`],
      ['a file', () => 'file:///etc/passwd'],
      ['an address with a credential', (port: number) => `http://user:word@127.0.0.1:${port}/`],
      ['nothing', () => 'http://['],
    ])('does not follow a redirect to %s', async (_, location) => {
      const inside = await serve((exchange) => send(exchange, { status: 200, headers: MP4, body: 'secret' }));
      const { upstream } = await start((exchange) =>
        send(exchange, { status: 302, headers: { location: location(inside.port) } }),
      );
      expect((await openVideo(upstream)).kind).toBe('unavailable');
      expect(inside.connections()).toBe(0);
    });

    it('follows three redirects and no more', async () => {
      const { server, upstream } = await start((exchange) =>
        send(exchange, { status: 307, headers: { location: exchange.request.url } }),
      );
      expect(await openVideo(upstream)).toEqual({ kind: 'unavailable', reason: 'too_many_redirects' });
      expect(server.requests).toHaveLength(4);
    });

    it.each([404, 410])('answered by %i is missing', async (status) => {
      const { upstream } = await start((exchange) => send(exchange, { status }));
      expect(await openVideo(upstream)).toEqual({ kind: 'missing' });
    });

    it.each<[string, Answer]>([
      ['HTML', { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>' }],
      ['JSON', { status: 200, body: { error: 'no' } }],
      ['gzip', { status: 200, headers: { ...MP4, 'content-encoding': 'gzip' }, body: gzipSync('x') }],
      ['nothing', { status: 200, headers: { ...MP4, 'content-length': '0' } }],
      ['401', { status: 401 }],
      ['500', { status: 500 }],
      ['a part', { status: 206, headers: MP4, body: 'part' }],
    ])('is unavailable behind %s', async (_, answer) => {
      const { upstream } = await start((exchange) => send(exchange, answer));
      expect((await openVideo(upstream)).kind).toBe('unavailable');
    });

    it('is unavailable behind silence', async () => {
      const { upstream } = await start(() => {}, HASTY);
      expect((await openVideo(upstream)).kind).toBe('unavailable');
    });
  });
}

const MiB = 1024 * 1024;

/** A result shows neither the credential, nor where the upstream is, nor the prompt. */
function expectSilent(result: SubmitResult | object, server: UpstreamServer): void {
  const text = JSON.stringify(result);
  for (const secret of [API_KEY, API_KEY.slice(0, 10), '127.0.0.1', String(server.port), 'org-', PROMPT]) {
    expect(text).not.toContain(secret);
  }
}

interface Sink {
  write(chunk: string | Buffer): boolean;
  readonly destroyed: boolean;
  readonly writableNeedDrain: boolean;
  once(event: 'drain' | 'close', listener: () => void): unknown;
}

/** One byte now and then, so that nothing is ever idle and nothing ever ends. */
function drip(response: Sink): void {
  const timer = setInterval(() => response.write('{'), 50);
  response.once('close', () => clearInterval(timer));
}

/** Writes without end, as fast as it is taken. */
function createFlood() {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  let bytes = 0;
  let closed = false;
  let blockedAt = 0;
  return {
    bytes: () => bytes,
    stopped: () => closed,
    /** True where nothing was taken for half a second. */
    waiting: () => blockedAt > 0 && performance.now() - blockedAt > 500,
    pour(response: Sink) {
      response.once('close', () => {
        closed = true;
      });
      const fill = () => {
        blockedAt = 0;
        while (!closed && !response.destroyed) {
          bytes += chunk.length;
          if (!response.write(chunk)) break;
        }
        blockedAt = performance.now();
        response.once('drain', fill);
      };
      fill();
    },
  };
}
