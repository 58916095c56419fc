import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import OpenAI from 'openai';

/** One webhook as it came in. */
export interface Received {
  /** The last part of the URL, which names the team it is for. */
  readonly path: string;
  readonly webhookId: string;
  readonly body: string;
  /** By the official SDK, with the secret of that path. */
  readonly verified: boolean;
  /** What the receiver answered; null where it broke the connection off. */
  readonly answered: number | null;
}

export type SinkMood = 'well' | 'refuses' | 'breaks off' | 'slow';

export interface WebhookSink {
  readonly port: number;
  readonly received: readonly Received[];
  /** The secret that signs what goes to a path. */
  expect(path: string, secret: string): void;
  set(mood: SinkMood): void;
  close(): Promise<void>;
}

const SLOW_MS = 2_000;

/** A receiver of webhooks that keeps all that it gets. */
export async function startWebhookSink(): Promise<WebhookSink> {
  const received: Received[] = [];
  const secrets = new Map<string, string>();
  const sdk = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1:9' });
  let mood: SinkMood = 'well';

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const current = mood;
    const body = (await buffer(request)).toString();
    const path = (request.url ?? '').split('/').at(-1) ?? '';
    const secret = secrets.get(path);
    const headers = request.headers as Record<string, string>;
    const verified =
      secret !== undefined &&
      (await sdk.webhooks.unwrap(body, headers, secret).then(
        () => true,
        () => false,
      ));
    const answered = { well: 200, slow: 200, refuses: 503, 'breaks off': null }[current];
    received.push({ path, webhookId: headers['webhook-id'] ?? '', body, verified, answered });
    if (current === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    if (answered === null) request.socket.resetAndDestroy();
    else response.writeHead(answered).end();
  }

  const server = createServer(
    (request, response) => void take(request, response).catch(() => response.destroy()),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    received,
    expect: (path, secret) => void secrets.set(path, secret),
    set(next) {
      mood = next;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
