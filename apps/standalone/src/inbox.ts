import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import OpenAI from 'openai';

/** One request that came in, as `GET /deliveries` shows it: the headers and the raw body are what a receiver verifies. */
export interface Delivery {
  /** The `webhook-id` header: the same for every attempt at one event. */
  id: string | null;
  /** ISO 8601. */
  receivedAt: string;
  headers: Record<string, string>;
  bodyBase64: string;
  /** Whether the official SDK accepts the signature. */
  verified: boolean;
  /** The body as JSON, where it was verified. */
  event: { type: string; data: { id: string } } | null;
}

/** A webhook receiver to look at: POST anything to `url`, GET `/deliveries` for the last hundred. */
export interface Inbox {
  readonly url: string;
  /** What deliveries are verified with from now on. */
  useSecret(secret: string): void;
  /** Resolves with the first verified delivery about this video, past ones included. Rejects once the signal aborts. */
  waitFor(videoId: string, signal: AbortSignal): Promise<Delivery>;
  stop(): Promise<void>;
}

const host = '127.0.0.1';
const kept = 100;

/** Listens on `wantedPort` if it can, because endpoints registered earlier point there; else on any free port. */
export async function startInbox(wantedPort: number | undefined): Promise<Inbox> {
  const deliveries: Delivery[] = [];
  const listeners = new Set<(delivery: Delivery) => void>();
  const client = new OpenAI({ apiKey: 'unused: only webhooks are verified' });
  let secret: string | undefined;

  async function receive(request: IncomingMessage): Promise<boolean> {
    const raw = await buffer(request);
    const headers = flat(request);
    const event = await client.webhooks.unwrap(raw.toString('utf8'), headers, secret ?? '').catch(() => null);
    const delivery: Delivery = {
      id: headers['webhook-id'] ?? null,
      receivedAt: new Date().toISOString(),
      headers,
      bodyBase64: raw.toString('base64'),
      verified: event !== null,
      event: event as Delivery['event'],
    };
    deliveries.push(delivery);
    if (deliveries.length > kept) deliveries.shift();
    for (const listener of listeners) listener(delivery);
    return delivery.verified;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'POST') {
      const verified = await receive(request);
      return send(response, verified ? 200 : 400, { verified });
    }
    if (request.method === 'GET' && request.url === '/deliveries')
      return send(response, 200, { data: deliveries });
    send(response, 404, { message: 'POST / takes a webhook, GET /deliveries shows what came.' });
  }

  const server = createServer((request, response) => {
    // Only a request that breaks off gets here, and nobody is left to answer.
    answer(request, response).catch(() => response.destroy());
  });
  const port = await listen(server, wantedPort ?? 0).catch(() => listen(server, 0));

  return {
    url: `http://${host}:${port}/`,
    useSecret(next) {
      secret = next;
    },
    waitFor(videoId, signal) {
      return new Promise((resolve, reject) => {
        const listener = (delivery: Delivery) => {
          if (delivery.event?.data.id !== videoId) return;
          listeners.delete(listener);
          resolve(delivery);
        };
        signal.addEventListener('abort', () => {
          listeners.delete(listener);
          reject(signal.reason as Error);
        });
        listeners.add(listener);
        deliveries.forEach(listener);
      });
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function flat(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
