import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoadBalancer {
  readonly port: number;
  /** How many would get requests now. */
  ready(): number;
  close(): Promise<void>;
}

interface Backend {
  /** Null while it does not run. */
  port(): number | null;
}

const CHECK_EVERY_MS = 100;
const CHECK_PATIENCE_MS = 1_000;
const SILENCES = 3;

/**
 * A small load balancer as it stands before several gateways: asks each whether it is ready, sends each request to one that is,
 * and to another one where that refuses the connection. It never sends a request twice that may have arrived.
 */
export async function startLoadBalancer(backends: readonly Backend[]): Promise<LoadBalancer> {
  const ready = new Set<Backend>();
  const silences = new Map<Backend, number>();
  let turn = 0;
  let closed = false;
  // A connection for each request: one that is kept may be closed by its gateway just as the next request comes.
  const agent = new Agent({ keepAlive: false });

  async function check(backend: Backend): Promise<void> {
    const port = backend.port();
    const answer =
      port === null
        ? 'away'
        : await fetch(`http://127.0.0.1:${port}/health/ready`, {
            signal: AbortSignal.timeout(CHECK_PATIENCE_MS),
          }).then(
            ({ ok }) => (ok ? 'ready' : 'not ready'),
            (error: unknown) => (error instanceof Error && error.name === 'TimeoutError' ? 'silent' : 'away'),
          );
    if (backend.port() !== port || answer === 'away' || answer === 'not ready') ready.delete(backend);
    if (backend.port() === port && answer === 'ready') {
      ready.add(backend);
      silences.delete(backend);
    }
    if (answer !== 'silent') return;
    // Busy is not gone: only one that does not answer again and again gets no more requests.
    silences.set(backend, (silences.get(backend) ?? 0) + 1);
    if ((silences.get(backend) ?? 0) >= SILENCES) ready.delete(backend);
  }
  const watch = async (backend: Backend) => {
    while (!closed) {
      await check(backend);
      await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY_MS));
    }
  };
  const watching = Promise.all(backends.map(watch));

  function pass(incoming: IncomingMessage, outgoing: ServerResponse, tried = new Set<Backend>()): void {
    const candidates = [...ready].filter((backend) => !tried.has(backend));
    const backend = candidates[turn++ % Math.max(candidates.length, 1)];
    const port = backend?.port() ?? null;
    if (!backend || port === null) {
      outgoing.writeHead(503, { 'content-type': 'text/plain' }).end('no gateway is ready');
      return;
    }
    tried.add(backend);
    const { method, url, headers } = incoming;
    let connected = false;
    const there = send({ host: '127.0.0.1', port, method, path: url, headers, agent });
    there.once('socket', (socket) =>
      socket.once('connect', () => {
        connected = true;
        incoming.pipe(there);
      }),
    );
    there.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    there.on('error', () => {
      if (outgoing.headersSent || outgoing.destroyed) return outgoing.destroy();
      if (!connected) {
        ready.delete(backend);
        return pass(incoming, outgoing, tried);
      }
      incoming.socket.resetAndDestroy();
    });
    outgoing.on('close', () => there.destroy());
  }

  const server = createServer((incoming, outgoing) => pass(incoming, outgoing));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    ready: () => ready.size,
    async close() {
      closed = true;
      const ended = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await Promise.all([ended, watching]);
    },
  };
}
