/** Receivers of webhooks, honest and hostile, over real connections. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly atMs: number;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  openSockets(): number;
  close(): Promise<void>;
}

async function listen(server: Server, received: Received[]): Promise<Receiver> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    openSockets: () => sockets.size,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Keeps what comes and answers as it is told; `count` is of this receiver, from 1. */
export async function startReceiver(
  answer: (response: ServerResponse, count: number, request: Received) => void,
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    const one = { headers: incoming.headers, body: body.toString(), atMs: performance.now() };
    received.push(one);
    answer(response, received.length, one);
  });
  return await listen(server, received);
}

/** Answers the first bytes of a request with what HTTP does not allow. */
export async function startRawReceiver(answer: (socket: Socket) => void): Promise<Receiver> {
  return await listen(
    createTcpServer((socket) => {
      socket.once('data', () => answer(socket));
    }),
    [],
  );
}

export const ok = (response: ServerResponse) => void response.writeHead(204).end();

/** Sends until the other side has had enough. */
export function endlessBody(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
  };
  response.on('drain', more);
  more();
}

export const tenMegabytes = (response: ServerResponse) =>
  void response.writeHead(200).end(Buffer.alloc(10 * 2 ** 20, 'x'));

const bomb = gzipSync(Buffer.alloc(50 * 2 ** 20));
export const gzipBomb = (response: ServerResponse) =>
  void response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' }).end(bomb);
