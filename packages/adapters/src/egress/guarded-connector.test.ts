import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AddressVerdict } from './address.ts';
import { ConnectionRefused, guardedConnector, type Lookup } from './guarded-connector.ts';
import { parseTarget, type Target, type TargetPolicy } from './target.ts';

const server = createServer();
let port = 0;

beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.removeAllListeners('connection');
  server.close();
  await once(server, 'close');
});

function connect(judge: (address: string) => AddressVerdict, lookup: Lookup, timeoutMs = 2_000) {
  const policy: TargetPolicy = { judge, allowsSome: true, allowHttp: undefined };
  const target = parseTarget(`http://receiver.test:${port}/`, policy) as Target;
  const onConnected = vi.fn();
  const open = guardedConnector({ target, policy, lookup, timeoutMs, onConnected });
  const result = new Promise<Socket>((resolve, reject) => {
    open(
      { hostname: target.host, host: target.url.host, protocol: 'http:', port: String(port) },
      (error, socket) => (socket ? resolve(socket) : reject(error)),
    );
  });
  return { result, onConnected };
}

const loopback = [{ address: '127.0.0.1', family: 4 }];

test('connects to the addresses that were judged, and tells which', async () => {
  const lookup = vi.fn(async () => loopback);
  const { result, onConnected } = connect(() => 'allowed', lookup);
  (await result).destroy();
  expect(onConnected).toHaveBeenCalledWith('127.0.0.1');
  expect(lookup).toHaveBeenCalledTimes(1);
});

test('drops a connection whose peer turns out to be forbidden, before a byte is sent', async () => {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const verdicts: AddressVerdict[] = ['allowed', 'forbidden'];
  const { result, onConnected } = connect(
    () => verdicts.shift() ?? 'forbidden',
    async () => loopback,
  );
  await expect(result).rejects.toMatchObject({ reason: 'address_forbidden', address: '127.0.0.1' });
  const [peer] = await accepted;
  const received = vi.fn();
  peer.on('data', received);
  peer.resume();
  await once(peer, 'close');
  expect(received).not.toHaveBeenCalled();
  expect(onConnected).not.toHaveBeenCalled();
});

test('refuses a name if one of its addresses is forbidden', async () => {
  const accepted = vi.fn();
  server.on('connection', accepted);
  const { result } = connect(
    (address) => (address === '127.0.0.1' ? 'allowed' : 'forbidden'),
    async () => [...loopback, { address: '10.0.0.1', family: 4 }],
  );
  await expect(result).rejects.toMatchObject({ reason: 'address_forbidden', address: '10.0.0.1' });
  expect(accepted).not.toHaveBeenCalled();
});

test('waits for a name server no longer than for a connection', async () => {
  const { result } = connect(
    () => 'allowed',
    () => new Promise(() => {}),
    50,
  );
  await expect(result).rejects.toMatchObject({ reason: 'connect_timeout' });
});

test('a name without addresses is an error', async () => {
  const { result } = connect(
    () => 'allowed',
    async () => [],
  );
  await expect(result).rejects.toBeInstanceOf(ConnectionRefused);
});
