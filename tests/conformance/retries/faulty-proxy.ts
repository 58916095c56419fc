import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What becomes of an answer that says that a video was made. `delayed` is: until the caller has lost patience. */
export const answerFaults = [
  ...(['cut in its head', 'cut in its body', 'reset', 'delayed', 'turned into 500'] as const),
];
export type AnswerFault = (typeof answerFaults)[number];

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** From the start of the process, in ms. */
  readonly arrivedAtMs: number;
  answeredAtMs: number;
  /** The `openai-poll-after-ms` of its answer. */
  pollAfterMs: number | null;
}

/** Stands between an SDK and its server, as a bad network would. */
export interface FaultyProxy {
  /** With `/v1`. */
  readonly baseURL: string;
  readonly requests: readonly SeenRequest[];
  /** How many answers were spoiled. */
  spoiled(): number;
  stop(): Promise<void>;
}

export interface Faults {
  /** Strikes the first try of each create, once the server has answered it wholly. */
  readonly onFirstCreate?: AnswerFault;
}

export async function startFaultyProxy(targetURL: string, faults: Faults): Promise<FaultyProxy> {
  const target = new URL(targetURL);
  const requests: SeenRequest[] = [];
  let spoiled = 0;

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '' } = incoming;
    const seen = {
      method,
      path: url,
      arrivedAtMs: performance.now(),
      answeredAtMs: Number.NaN,
      pollAfterMs: null,
    };
    requests.push(seen);
    const answer = await forward(incoming, new URL(url, target));
    note(seen, answer);
    const fault = isFirstCreate(incoming) && answer.statusCode === 200 ? faults.onFirstCreate : undefined;
    if (fault === undefined) {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      return;
    }
    spoil(fault, incoming, outgoing, await buffer(answer));
    spoiled++;
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    requests,
    spoiled: () => spoiled,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Every SDK tells which try a request is; the first one is 0. */
function isFirstCreate({ method, url, headers }: IncomingMessage): boolean {
  return method === 'POST' && url === '/v1/videos' && (headers['x-stainless-retry-count'] ?? '0') === '0';
}

function note(seen: SeenRequest, answer: IncomingMessage): void {
  const pollAfter = answer.headers['openai-poll-after-ms'];
  seen.answeredAtMs = performance.now();
  seen.pollAfterMs = pollAfter === undefined ? null : Number(pollAfter);
}

function forward(incoming: IncomingMessage, url: URL): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { ...incoming.headers, host: url.host, connection: 'close' };
    const outgoing = send(url, { method: incoming.method, headers, agent: false }, resolve);
    outgoing.once('error', reject);
    incoming.pipe(outgoing);
  });
}

function spoil(
  fault: AnswerFault,
  { socket }: IncomingMessage,
  outgoing: ServerResponse,
  body: Buffer,
): void {
  const headers = { 'content-type': 'application/json' };
  const error = { message: 'A proxy lost its head.', type: 'server_error', param: null, code: null };
  switch (fault) {
    case 'delayed':
      return;
    case 'reset':
      socket.resetAndDestroy();
      return;
    case 'turned into 500':
      outgoing.writeHead(500, headers).end(JSON.stringify({ error }));
      return;
    case 'cut in its head':
      socket.end('HTTP/1.1 200 OK\r\ncontent-type: appl');
      return;
    case 'cut in its body':
      outgoing.writeHead(200, { ...headers, 'content-length': body.length });
      outgoing.write(body.subarray(0, body.length / 2));
      socket.destroySoon();
  }
}
