import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** What becomes of one request: passed on; cut before the server sees it; its answer cut; its body held back. */
export type Fate = 'pass' | 'cut' | 'lose answer' | 'hold';

export interface FaultProxy {
  readonly url: string;
  /** Bytes of requests that the server was given. */
  readonly requestBytes: number;
  /** Bytes of answers after which a connection is cut; set to Infinity for none. */
  cutAnswersAfterBytes: number;
  /** Decides by a request line such as `PUT /bucket/key?partNumber=2 HTTP/1.1`. */
  fate: (requestLine: string) => Fate;
  /** Lets go on what is held, and holds nothing more. */
  release(): void;
  stop(): void;
}

/** Stands between a client and an HTTP server and harms what `fate` names. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const held = new Set<Socket>();
  let requestBytes = 0;
  let holding = true;

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let fate: Fate = 'pass';
    let answerBytes = 0;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        held.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk) => {
      const line = /^[A-Z]+ \S+ HTTP\/1\.1(?=\r\n)/.exec(chunk.toString('latin1', 0, 4096));
      if (line) fate = proxy.fate(line[0]);
      if (fate === 'cut') return cut();
      requestBytes += chunk.length;
      const writable = upstream.write(chunk);
      if (fate === 'hold' && holding) {
        held.add(client.pause());
      } else if (!writable) {
        client.pause();
        upstream.once('drain', () => client.resume());
      }
    });
    upstream.on('data', (chunk) => {
      answerBytes += chunk.length;
      if (fate === 'lose answer' || answerBytes > proxy.cutAnswersAfterBytes) return cut();
      if (client.write(chunk)) return;
      upstream.pause();
      client.once('drain', () => upstream.resume());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requestBytes() {
      return requestBytes;
    },
    cutAnswersAfterBytes: Number.POSITIVE_INFINITY,
    fate: () => 'pass',
    release() {
      holding = false;
      for (const socket of held) socket.resume();
      held.clear();
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return proxy;
}
