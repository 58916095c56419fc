import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Exchange {
  readonly request: SeenRequest;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** An object travels as JSON. */
  readonly body?: string | Buffer | object;
}

export type Behave = (exchange: Exchange) => unknown;

export interface UpstreamServer {
  readonly origin: string;
  readonly port: number;
  /** Every request, from its head on, whatever became of it. */
  readonly requests: readonly SeenRequest[];
  /** How many connections were opened. */
  connections(): number;
  close(): Promise<void>;
}

/** A server that has read the whole request before it does what the test says. */
export async function startUpstreamServer(behave: Behave): Promise<UpstreamServer> {
  const requests: SeenRequest[] = [];
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    const { method = '', url = '', headers, socket } = incoming;
    const seen = { method, url, headers, body: Buffer.alloc(0) };
    requests.push(seen);
    socket.on('error', () => {});
    response.on('error', () => {});
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    seen.body = Buffer.concat(chunks);
    await behave({ request: seen, response, socket });
  });
  server.on('connection', () => {
    connections++;
  });
  // A client that starts TLS here is not HTTP; it gets no answer that could pass for one.
  server.on('clientError', (_, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export function send({ response }: Exchange, answer: Answer): void {
  response.writeHead(answer.status, {
    ...(isJson(answer.body) && { 'content-type': 'application/json' }),
    ...answer.headers,
  });
  response.end(bytesOf(answer));
}

/** Announces the whole answer, sends its first `bytes` bytes of body, and ends the connection. */
export function sendCut({ response, socket }: Exchange, answer: Answer, bytes: number): void {
  const body = bytesOf(answer);
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  response.flushHeaders();
  response.write(body.subarray(0, bytes));
  socket.destroySoon();
}

export function bytesOf({ body }: Answer): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(isJson(body) ? JSON.stringify(body) : (body ?? ''));
}

function isJson(body: Answer['body']): body is object {
  return typeof body === 'object' && !Buffer.isBuffer(body);
}
