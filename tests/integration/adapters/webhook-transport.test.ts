/** The webhook transport against real receivers, honest and hostile. */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createWebhookTransport, type WebhookTransportOptions } from '@reelgate/adapters/webhook-http';
import type { Log } from '@reelgate/core/ports';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { selfSigned } from './webhook-transport-certificate.ts';

const ignore = () => {};
const log: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

const toLoopback: Partial<WebhookTransportOptions> = { allowedCidrs: ['127.0.0.0/8'] };
const open = (options: Partial<WebhookTransportOptions> = {}) =>
  createWebhookTransport({ allowedCidrs: [], log, ...options });

const headers = { 'content-type': 'application/json', 'webhook-id': 'evt_1' };
const body = Buffer.from('{"id":"evt_1"}');

interface Receiver {
  readonly port: number;
  readonly url: string;
  /** Sockets that were ever accepted. */
  accepted(): number;
  /** Sockets that are open now. */
  openSockets(): number;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function listen(server: Server, host = '127.0.0.1', scheme = 'http'): Promise<Receiver> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', ignore);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  closers.push(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://${host}:${port}/hook`,
    accepted: () => accepted,
    openSockets: () => sockets.size,
  };
}

const httpReceiver = (answer: RequestListener, host?: string) => listen(createHttpServer(answer), host);

/** A receiver that answers the first bytes of a request as it likes, or not at all. */
const rawReceiver = (answer: (socket: Socket) => void) =>
  listen(
    createTcpServer((socket) => {
      socket.once('data', () => answer(socket));
    }),
  );

const slotIsFreed = (receiver: Receiver) => vi.waitFor(() => expect(receiver.openSockets()).toBe(0), 2_000);

describe('an honest receiver', () => {
  test('gets the very bytes and headers, and its answer is told', async () => {
    let request: IncomingMessage | undefined;
    let received: Buffer | undefined;
    const receiver = await httpReceiver(async (incoming, response) => {
      request = incoming;
      received = await buffer(incoming);
      response.writeHead(202, { 'retry-after': '7' }).end('thank\u0000you');
    });
    const result = await open(toLoopback).post(`${receiver.url}?a=%20b`, headers, body);
    expect(result).toEqual({
      kind: 'answered',
      status: 202,
      responseHead: 'thank\uFFFDyou',
      responseHeaders: expect.objectContaining({ 'retry-after': '7' }),
      retryAfterSeconds: 7,
      resolvedIp: '127.0.0.1',
      durationMs: expect.any(Number),
    });
    expect(received).toEqual(body);
    expect(request).toMatchObject({ method: 'POST', url: '/hook?a=%20b' });
    expect(request?.headers).toMatchObject({
      ...headers,
      host: `127.0.0.1:${receiver.port}`,
      'accept-encoding': 'identity',
      'content-length': String(body.length),
    });
    await slotIsFreed(receiver);
  });

  test.each([200, 204, 301, 302, 307, 308, 400, 410, 429, 500, 503])('answers %i', async (status) => {
    const elsewhere = await httpReceiver((_request, response) => response.end());
    const receiver = await httpReceiver((_request, response) => {
      response.writeHead(status, { location: elsewhere.url }).end();
    });
    const result = await open(toLoopback).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'answered', status, responseHead: '' });
    expect(receiver.accepted()).toBe(1);
    expect(elsewhere.accepted()).toBe(0);
  });

  test('gets a connection of its own for each attempt', async () => {
    const receiver = await httpReceiver((_request, response) => response.end());
    const transport = open(toLoopback);
    for (let i = 0; i < 3; i += 1) await transport.post(receiver.url, headers, body);
    expect(receiver.accepted()).toBe(3);
    await slotIsFreed(receiver);
  });
});

describe('a hostile receiver', () => {
  test('that never answers is a time-out', async () => {
    const receiver = await rawReceiver(ignore);
    const startedAt = performance.now();
    const result = await open({ ...toLoopback, timeoutMs: 300 }).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'failed', reason: 'timeout', resolvedIp: '127.0.0.1' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await slotIsFreed(receiver);
  });

  test('that sends its head byte by byte is a time-out', async () => {
    const receiver = await rawReceiver((socket) => {
      const head = 'HTTP/1.1 200 OK\r\nx-slow: '.padEnd(10_000, 'y');
      let sent = 0;
      const timer = setInterval(() => socket.write(head.charAt(sent++)), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const result = await open({ ...toLoopback, timeoutMs: 500 }).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'failed', reason: 'timeout' });
    await slotIsFreed(receiver);
  });

  test('that sends its body byte by byte has answered, and is let go at the deadline', async () => {
    const receiver = await rawReceiver((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\nx');
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const result = await open({ ...toLoopback, timeoutMs: 500 }).post(receiver.url, headers, body);
    expect(result).toMatchObject({
      kind: 'answered',
      status: 200,
      responseHead: expect.stringMatching(/^x+$/),
    });
    expect(result.durationMs).toBeLessThan(2_000);
    await slotIsFreed(receiver);
  });

  test('that resets the connection is told so', async () => {
    const receiver = await rawReceiver((socket) => socket.resetAndDestroy());
    const result = await open(toLoopback).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'failed', reason: 'connection_reset' });
  });

  test('that closes without an answer is told so', async () => {
    const receiver = await rawReceiver((socket) => socket.end());
    const result = await open(toLoopback).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'failed', reason: 'connection_reset' });
  });

  test('that resets within the body has answered', async () => {
    const receiver = await rawReceiver((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\nhalf', () => socket.resetAndDestroy());
    });
    const result = await open(toLoopback).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'answered', status: 200 });
  });

  test('with an endless body is cut off, and memory stays flat', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'z');
    let sentBytes = 0;
    const receiver = await rawReceiver((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const more = () => {
        while (
          !socket.destroyed &&
          socket.write(Buffer.concat([Buffer.from('10000\r\n'), chunk, Buffer.from('\r\n')]))
        ) {
          sentBytes += chunk.length;
        }
      };
      socket.on('drain', more);
      more();
    });
    const transport = open(toLoopback);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 20; i += 1) {
      const result = await transport.post(receiver.url, headers, body);
      expect(result).toMatchObject({ kind: 'answered', status: 200, responseHead: 'z'.repeat(4096) });
      expect(result.durationMs).toBeLessThan(2_000);
    }
    await slotIsFreed(receiver);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    // What the kernel's buffers hold, and far from endless.
    expect(sentBytes / 20).toBeLessThan(16 * 1024 * 1024);
  });

  test('with a gzip bomb is shown as the bytes it sent', async () => {
    const receiver = await httpReceiver((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(Buffer.from('1f8b08', 'hex'));
    });
    const result = await open(toLoopback).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'answered', responseHead: '\uFFFD\uFFFD\uFFFD' });
  });

  test.each([
    ['one header of 10 MB', () => `x-big: ${'h'.repeat(10 * 1024 * 1024)}\r\n`],
    [
      '10 MB of headers',
      () => Array.from({ length: 200_000 }, (_, i) => `x-${i}: ${'h'.repeat(40)}\r\n`).join(''),
    ],
  ])('with %s is cut off', async (_what, flood) => {
    const receiver = await rawReceiver((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      socket.write(flood());
      socket.write('\r\n');
    });
    const result = await open(toLoopback).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'failed', reason: 'response_headers_too_large' });
    await slotIsFreed(receiver);
  });

  test('that floods with interim answers is let go at the deadline', async () => {
    const receiver = await rawReceiver((socket) => {
      const more = () => {
        while (
          !socket.destroyed &&
          socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(100))
        ) {
          // Until the other side stops reading.
        }
      };
      const timer = setInterval(more, 5);
      socket.on('close', () => clearInterval(timer));
    });
    const result = await open({ ...toLoopback, timeoutMs: 500 }).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'failed' });
    expect(result.durationMs).toBeLessThan(2_000);
    await slotIsFreed(receiver);
  });

  test.each([
    ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
    [
      'a switch of protocols',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  ])('that answers with %s has failed', async (_what, answer) => {
    const receiver = await rawReceiver((socket) => socket.write(answer));
    const result = await open({ ...toLoopback, timeoutMs: 2_000 }).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'failed', reason: expect.not.stringMatching(/^$/) });
    await slotIsFreed(receiver);
  });
});

describe('a forbidden address', () => {
  const lookupOf = (...addresses: string[]) =>
    vi.fn(async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

  test.each([
    'http://127.0.0.1:PORT/',
    'https://127.0.0.1:PORT/',
    'https://localhost:PORT/',
    'https://localhost.:PORT/',
    'https://2130706433:PORT/',
    'https://0x7f.1:PORT/',
    'https://017700000001:PORT/',
    'https://127.1:PORT/',
    'https://0:PORT/',
    'https://[::1]:PORT/',
    'https://[::]:PORT/',
    'https://[::ffff:127.0.0.1]:PORT/',
    'https://[64:ff9b::7f00:1]:PORT/',
    'https://user@127.0.0.1:PORT/',
    'https://example.com#@127.0.0.1:PORT/',
  ])('%s is refused, and no connection is opened', async (form) => {
    const receivers = [
      await httpReceiver((_request, response) => response.end('secret')),
      await httpReceiver((_request, response) => response.end('secret'), '::1'),
    ];
    for (const receiver of receivers) {
      const transport = open({ allowHttp: true });
      const url = form.replace('PORT', String(receiver.port));
      expect(await transport.refusal(url)).not.toBeNull();
      const result = await transport.post(url, headers, body);
      expect(result).toMatchObject({ kind: 'failed', reason: await transport.refusal(url) });
      expect(receiver.accepted()).toBe(0);
    }
  });

  test.each([
    ['private', ['127.0.0.1']],
    ['mapped', ['::ffff:127.0.0.1']],
    ['IPv6 loopback', ['::1']],
    ['one of several', ['93.184.215.14', '127.0.0.1']],
    ['metadata', ['169.254.169.254']],
    ['no address', ['localhost']],
  ])('is refused behind a name: %s', async (_what, addresses) => {
    const warn = vi.fn();
    const transport = open({ lookup: lookupOf(...addresses), log: { ...log, warn } });
    expect(await transport.refusal('https://evil.example/hook')).toBe('address_forbidden');
    const result = await transport.post('https://evil.example/hook?token=secret', headers, body);
    expect(result).toMatchObject({
      kind: 'failed',
      reason: 'address_forbidden',
      resolvedIp: addresses.at(-1),
    });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(JSON.stringify(warn.mock.calls)).not.toContain('secret');
  });

  test('that a name takes on after its first check is refused', async () => {
    const receiver = await httpReceiver((_request, response) => response.end('secret'));
    const answers = ['127.0.0.1', '127.0.0.2'];
    const lookup = vi.fn(async () => [{ address: answers.shift() ?? '', family: 4 }]);
    const transport = open({ allowedCidrs: ['127.0.0.1/32'], lookup });
    const url = `http://rebind.example:${receiver.port}/`;
    expect(await transport.post(url, headers, body)).toMatchObject({
      kind: 'answered',
      resolvedIp: '127.0.0.1',
    });
    expect(await transport.post(url, headers, body)).toMatchObject({
      kind: 'failed',
      reason: 'address_forbidden',
      resolvedIp: '127.0.0.2',
    });
    expect(receiver.accepted()).toBe(1);
  });

  test('that a name server saves for the second question is never asked for', async () => {
    const listed = await httpReceiver((_request, response) => response.end('listed'), '127.0.0.1');
    // The classic: public when checked, private when connected to. One question, one answer, one connection.
    const answers = ['127.0.0.1', '10.0.0.1'];
    const lookup = vi.fn(async () => [{ address: answers.shift() ?? '', family: 4 }]);
    const transport = open({ allowedCidrs: ['127.0.0.1/32'], lookup });
    const result = await transport.post(`http://rebind.example:${listed.port}/`, headers, body);
    expect(result).toMatchObject({ kind: 'answered', responseHead: 'listed', resolvedIp: '127.0.0.1' });
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  test('that is denied is refused though it is allowed', async () => {
    const receiver = await httpReceiver((_request, response) => response.end());
    const transport = open({ ...toLoopback, deniedCidrs: ['127.0.0.1/32'] });
    expect(await transport.post(receiver.url, headers, body)).toMatchObject({ reason: 'address_forbidden' });
    expect(receiver.accepted()).toBe(0);
  });

  test('public addresses are not reached by http or through other ports', async () => {
    const transport = open({ ...toLoopback, lookup: lookupOf('93.184.215.14') });
    const post = (url: string) => transport.post(url, headers, body);
    expect(await transport.refusal('http://receiver.example/')).toBe('scheme_forbidden');
    expect(await post('http://receiver.example/')).toMatchObject({ reason: 'scheme_forbidden' });
    expect(await post('https://receiver.example:6379/')).toMatchObject({ reason: 'port_forbidden' });
  });
});

describe('a receiver that cannot be reached', () => {
  test('refuses connections', async () => {
    const receiver = await rawReceiver(ignore);
    await closers.pop()?.();
    const result = await open(toLoopback).post(receiver.url, headers, body);
    expect(result).toMatchObject({ kind: 'failed', reason: 'connection_refused' });
  });

  test('has a name that nobody knows', async () => {
    const lookup = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    const result = await open({ lookup }).post('https://nobody.example/', headers, body);
    expect(result).toMatchObject({ kind: 'failed', reason: 'dns_failed' });
  });

  test('has a name server that does not answer', async () => {
    const lookup = () => new Promise<never>(() => {});
    const result = await open({ lookup, connectTimeoutMs: 100 }).post('https://slow.example/', headers, body);
    expect(result).toMatchObject({ kind: 'failed', reason: 'connect_timeout' });
  });

  test('is given headers that are none', async () => {
    const receiver = await httpReceiver((_request, response) => response.end());
    const result = await open(toLoopback).post(receiver.url, { 'x-a': 'b\r\nx-evil: c' }, body);
    expect(result).toMatchObject({ kind: 'failed', reason: 'request_invalid' });
  });
});

describe('over TLS', () => {
  const nextYear = new Date(Date.now() + 365 * 86_400_000);
  const yesterday = new Date(Date.now() - 86_400_000);
  const lookup = async () => [{ address: '127.0.0.1', family: 4 }];
  const trusted = getCACertificates('default');

  async function tlsReceiver(certificateName: string, validUntil: Date, trust: boolean) {
    const certificate = selfSigned(certificateName, validUntil);
    setDefaultCACertificates(trust ? [...trusted, certificate.cert] : trusted);
    closers.push(async () => setDefaultCACertificates(trusted));
    const requests = vi.fn();
    const server = createHttpsServer(certificate, (request, response) => {
      requests(request.headers.host);
      response.end('safe');
    });
    server.on('tlsClientError', ignore);
    const receiver = await listen(server, '127.0.0.1', 'https');
    const url = `https://receiver.example:${receiver.port}/`;
    const result = await open({ ...toLoopback, lookup }).post(url, headers, body);
    return { result, requests, receiver };
  }

  test('a name is checked against the certificate while the connection goes to the checked address', async () => {
    const { result, requests, receiver } = await tlsReceiver('receiver.example', nextYear, true);
    expect(result).toMatchObject({
      kind: 'answered',
      status: 200,
      responseHead: 'safe',
      resolvedIp: '127.0.0.1',
    });
    expect(requests).toHaveBeenCalledWith(`receiver.example:${receiver.port}`);
  });

  test.each([
    ['self-signed', 'receiver.example', nextYear, false],
    ['for another name', 'other.example', nextYear, true],
    ['expired', 'receiver.example', yesterday, true],
  ] as const)('a certificate that is %s is refused', async (_what, name, validUntil, trust) => {
    const { result, requests } = await tlsReceiver(name, validUntil, trust);
    expect(result).toMatchObject({ kind: 'failed', reason: 'tls_failed' });
    expect(requests).not.toHaveBeenCalled();
  });

  test('a server that speaks none is refused', async () => {
    const receiver = await httpReceiver((_request, response) => response.end());
    const result = await open(toLoopback).post(receiver.url.replace('http:', 'https:'), headers, body);
    expect(result).toMatchObject({ kind: 'failed', reason: 'tls_failed' });
  });
});
