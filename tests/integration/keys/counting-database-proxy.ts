import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  url(databaseUrl: string): string;
  /** Every statement that was sent so far, in order; each has cost one round trip. */
  readonly statements: readonly string[];
  close(): Promise<void>;
}

/**
 * Reads along what a process says to Postgres over the connections of this name: one statement for each Query and each Execute
 * of the protocol.
 */
export async function startCountingProxy(applicationName: string): Promise<CountingProxy> {
  let target = { host: '127.0.0.1', port: 5432 };
  const statements: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    const read = statementReader(applicationName, (statement) => statements.push(statement));
    client.on('data', read);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    statements,
    url(databaseUrl) {
      const url = new URL(databaseUrl);
      target = { host: url.hostname, port: Number(url.port) };
      url.host = `127.0.0.1:${port}`;
      return url.href;
    },
    async close() {
      const closed = once(server.close(), 'close');
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Messages of the front end: the start-up has no type, and every other one begins with a letter and its length. */
function statementReader(
  applicationName: string,
  tell: (statement: string) => void,
): (chunk: Buffer) => void {
  const prepared = new Map<string, string>();
  let bound = '';
  let rest: Buffer = Buffer.alloc(0);
  let started = false;
  let isMeant = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = started ? 1 : 0;
      if (rest.length < head + 4) return;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return;
      const body = rest.subarray(head + 4, length);
      const type = started ? String.fromCharCode(rest[0] ?? 0) : '';
      rest = rest.subarray(length);
      const texts = body.toString('utf8').split('\0');
      if (!started) isMeant = texts[texts.indexOf('application_name') + 1] === applicationName;
      started = true;
      if (!isMeant) continue;
      if (type === 'P') prepared.set(texts[0] ?? '', texts[1] ?? '');
      if (type === 'B') bound = prepared.get(texts[1] ?? '') ?? '';
      if (type === 'E') tell(bound);
      if (type === 'Q') tell(texts[0] ?? '');
    }
  };
}
