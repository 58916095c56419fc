/** What somebody else names is reached by one guarded way: past none of our own servers, and through a proxy where there is one. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createEgress, type EgressOptions } from '@reelgate/adapters/egress';
import { createWebhookTransport } from '@reelgate/adapters/webhook-http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ok, type Receiver, startReceiver } from '../webhooks/receivers.ts';
import { selfSigned } from './webhook-transport-certificate.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const PUBLIC = '93.184.216.34';

let receiver: Receiver;
let port: number;
let proxy: Awaited<ReturnType<typeof startProxy>>;

/** Takes CONNECT for any name and leads it to the receiver, or says no. */
async function startProxy() {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const state = { answer: 'HTTP/1.1 200 Connection Established', port: undefined as number | undefined };
  const server = createServer().on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url ?? '');
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(`${state.answer}\r\n\r\n`);
    if (!state.answer.includes(' 200 ')) return void socket.end();
    const onward = connect(state.port ?? port, '127.0.0.1').on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
    socket.on('close', () => onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    state,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

beforeAll(async () => {
  receiver = await startReceiver(ok);
  port = Number(new URL(receiver.url).port);
  proxy = await startProxy();
});
afterAll(async () => {
  await proxy.close();
  await receiver.close();
});
beforeEach(() => {
  proxy.asked.length = 0;
  receiver.received.length = 0;
});

const names: Readonly<Record<string, readonly string[]>> = {
  'hooks.test': [PUBLIC],
  'inside.test': ['127.0.0.1'],
  'half.test': [PUBLIC, '10.0.0.1'],
  localhost: ['127.0.0.1', '::1'],
  'localhost.': ['127.0.0.1'],
};
const lookup = async (name: string) => {
  const addresses = names[name];
  if (!addresses) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
};
const transport = (options: Partial<EgressOptions>) =>
  createWebhookTransport({
    allowedCidrs: [],
    allowHttp: true,
    lookup,
    log: silent,
    timeoutMs: 3_000,
    ...options,
  });
const post = async (url: string, options: Partial<EgressOptions>) => {
  const result = await transport(options).post(
    url,
    { 'content-type': 'application/json' },
    Buffer.from('{}'),
  );
  return result.kind === 'answered' ? result.status : result.reason;
};

describe('through a proxy', () => {
  test('goes what is public, by name', async () => {
    expect(await post('http://hooks.test/hook', { proxy: proxy.url })).toBe(204);
    expect(proxy.asked).toEqual(['hooks.test:80']);
    expect(receiver.received[0]?.headers.host).toBe('hooks.test');
  });

  test('goes what has no address here: the proxy may know one', async () => {
    expect(await post('http://outside.test/', { proxy: proxy.url })).toBe(204);
    expect(proxy.asked).toEqual(['outside.test:80']);
  });

  test.each([
    'http://inside.test/',
    'http://half.test/',
    'http://10.0.0.1/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/',
  ])('does not go what is private here: %s', async (url) => {
    expect(await post(url, { proxy: proxy.url })).toBe('address_forbidden');
    expect(proxy.asked).toEqual([]);
  });

  test('does not go what is allowed inside the company', async () => {
    const options = { proxy: proxy.url, allowedCidrs: ['127.0.0.0/8'] };
    expect(await post(`http://inside.test:${port}/`, options)).toBe(204);
    expect(proxy.asked).toEqual([]);
  });

  test('nothing gets past what the proxy refuses, or past a proxy that is away', async () => {
    proxy.state.answer = 'HTTP/1.1 407 Proxy Authentication Required';
    try {
      expect(await post('http://hooks.test/', { proxy: proxy.url })).toBe('proxy_refused');
    } finally {
      proxy.state.answer = 'HTTP/1.1 200 Connection Established';
    }
    expect(await post('http://hooks.test/', { proxy: 'http://127.0.0.1:1' })).toBe('connection_refused');
    expect(receiver.received).toEqual([]);
  });

  test.each([
    ['hooks.test', 200],
    ['other.test', 'tls_failed'],
  ] as const)('goes TLS from end to end: a certificate for %s', async (certified, expected) => {
    const certificate = selfSigned(certified, new Date(Date.now() + 86_400_000));
    const trusted = getCACertificates('default');
    const server = createHttpsServer(certificate, (_request, response) => response.end('safe'));
    server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    setDefaultCACertificates([...trusted, certificate.cert]);
    proxy.state.port = (server.address() as AddressInfo).port;
    try {
      expect(await post('https://hooks.test/', { proxy: proxy.url })).toBe(expected);
      expect(proxy.asked).toEqual(['hooks.test:443']);
    } finally {
      proxy.state.port = undefined;
      setDefaultCACertificates(trusted);
      server.closeAllConnections();
      server.close();
    }
  });

  test('goes the output of an upstream as well', async () => {
    const egress = createEgress({
      allowedCidrs: [],
      allowHttp: true,
      anyPort: true,
      proxy: proxy.url,
      lookup,
      connectTimeoutMs: 1_000,
    });
    const pool = egress.pool({});
    const url = new URL('http://hooks.test:8443/video.mp4');
    const { statusCode, body } = await (await pool.to(url)).request({
      origin: url.origin,
      path: url.pathname,
      method: 'GET',
    });
    await body.dump();
    expect([statusCode, proxy.asked]).toEqual([204, ['hooks.test:8443']]);
    await expect(pool.to(new URL('http://inside.test/'))).rejects.toMatchObject({
      reason: 'address_forbidden',
    });
    await pool.destroy();
  });
});

describe('our own servers', () => {
  const allowedCidrs = ['127.0.0.0/8', '::1/128'];

  test.each([
    '127.0.0.1',
    '127.0.0.2',
    'localhost',
    'localhost.',
    'inside.test',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '2130706433',
    '0x7f.1',
  ])('are not reached as %s, though the network is allowed', async (host) => {
    const url = `http://${host}:${port}/`;
    const options = { allowedCidrs, ownServers: [{ host: 'localhost', port }] };
    expect(await transport(options).refusal(url)).toBe('own_server_forbidden');
    expect(await post(url, options)).toBe('own_server_forbidden');
    expect(receiver.received).toEqual([]);
  });

  test('and their neighbours are', async () => {
    const ownServers = [
      { host: 'localhost', port: port + 1 },
      { host: 'inside.test', port, byNameOnly: true },
    ];
    expect(await post(`http://127.0.0.1:${port}/`, { allowedCidrs, ownServers })).toBe(204);
    expect(await post(`http://inside.test:${port}/`, { allowedCidrs, ownServers })).toBe(
      'own_server_forbidden',
    );
  });

  test('nor when a name turns to them after it was judged', async () => {
    let looks = 0;
    const turning = async () => [{ address: looks++ === 0 ? PUBLIC : '127.0.0.1', family: 4 }];
    const options = { allowedCidrs, ownServers: [{ host: '127.0.0.1', port }], lookup: turning };
    expect(await transport(options).refusal(`http://turning.test:${port}/`)).toBe('port_forbidden');
    expect(await post(`http://turning.test:${port}/`, options)).toBe('own_server_forbidden');
  });
});

describe('outputs of upstreams', () => {
  const outputs = (options: Partial<EgressOptions> = {}) =>
    createEgress({
      allowedCidrs: [],
      allowHttp: true,
      anyPort: true,
      lookup,
      connectTimeoutMs: 1_000,
      ...options,
    }).pool({});
  const get = async (pool: ReturnType<typeof outputs>, text: string) => {
    const url = new URL(text);
    try {
      const { statusCode, body } = await (await pool.to(url)).request({
        origin: url.origin,
        path: '/',
        method: 'GET',
      });
      await body.dump();
      return statusCode;
    } catch (error) {
      return (error as { reason?: string }).reason ?? String(error);
    } finally {
      await pool.destroy();
    }
  };

  test.each(['inside.test', '127.0.0.1', '[::ffff:7f00:1]', 'half.test'])(
    'are not fetched inside the company: %s',
    async (host) => {
      expect(await get(outputs(), `http://${host}:${port}/`)).toBe('address_forbidden');
    },
  );

  test('but where the operator says so, on the very address that was judged', async () => {
    expect(await get(outputs({ allowedCidrs: ['127.0.0.0/8'] }), `http://inside.test:${port}/`)).toBe(204);
    let looks = 0;
    const turning = async () => [{ address: looks++ === 0 ? '127.0.0.1' : '127.0.0.9', family: 4 }];
    expect(
      await get(outputs({ allowedCidrs: ['127.0.0.1/32'], lookup: turning }), `http://turning.test:${port}/`),
    ).toBe(204);
    expect(looks).toBe(1);
  });
});
