import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '@reelgate/embedded';

export interface DatabaseProxy {
  /** The same database, through the proxy. */
  url(databaseUrl: string): string;
  /** Cuts every connection; new ones are refused. */
  cut(): Promise<void>;
  restore(): Promise<void>;
}

/** Stands between a process and Postgres, so that a test can take the database away. */
export async function startDatabaseProxy(): Promise<DatabaseProxy> {
  let target = { host: '127.0.0.1', port: 5432 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  const listen = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening');
  const port = await freePort();
  await listen(port);
  return {
    url(databaseUrl) {
      const url = new URL(databaseUrl);
      target = { host: url.hostname, port: Number(url.port) };
      url.hostname = '127.0.0.1';
      url.port = String(port);
      return url.href;
    },
    async cut() {
      const closed = once(server.close(), 'close');
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async restore() {
      await listen(port);
    },
  };
}
