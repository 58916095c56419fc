import { setTimeout as wait } from 'node:timers/promises';
import { type PostgresServer, startPostgres } from '@reelgate/embedded';
import pg from 'pg';

export interface KillablePostgres {
  readonly url: string;
  readonly port: number;
  /** Resolves when it has been away for so long and is back. A second kill waits for the first. */
  kill(downMs: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startKillablePostgres(directory: string): Promise<KillablePostgres> {
  const start = (port?: number) =>
    startPostgres({ directory, mode: 'test', ...(port !== undefined && { port }) });
  let server: PostgresServer = await start();
  const { url, port } = server;
  // What is committed has left the process, or a kill would take back what callers were told. The kernel lives on: no fsync.
  await query(url, 'alter database reelgate set synchronous_commit = on');
  let before: Promise<void> = Promise.resolve();
  return {
    url,
    port,
    kill(downMs) {
      before = before.then(async () => {
        process.kill(server.pid, 'SIGKILL');
        await server.exited;
        await wait(downMs);
        server = await start(port);
      });
      return before;
    },
    async stop() {
      await before.catch(() => undefined);
      await server.stop();
    },
  };
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}
