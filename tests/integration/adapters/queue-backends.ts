/** The two places where jobs may be kept, as the contract suite needs them: real servers that can go away, come back and forget. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startPostgres, startRedis } from '@reelgate/embedded';
import pg from 'pg';

export interface QueueServer {
  /** What `createJobQueue` and `createJobConsumer` are given. */
  readonly options: { readonly redisUrl?: string; readonly databaseUrl: string };
  /** Cuts every connection and refuses new ones until `comeBack`. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Cuts every connection; new ones are welcome. */
  dropConnections(): Promise<void>;
  /** Forgets every job. */
  wipe(): Promise<void>;
  /** Jobs of this prefix's queues that are kept, in whatever state. */
  countJobs(prefix: string): Promise<number>;
  /** Gives the jobs of a queue other data, such as another release would have written. */
  rewrite(queue: string, data: object): Promise<void>;
  /** Puts the jobs of a queue into another. */
  move(queue: string, to: string): Promise<void>;
  countConnections(): Promise<number>;
  stop(): Promise<void>;
}

export const queueServers: Record<string, () => Promise<QueueServer>> = {
  redis: startRedisServer,
  postgres: startPostgresServer,
};

async function startRedisServer(): Promise<QueueServer> {
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-queue-redis-'));
  let server = await startRedis({ directory });
  const { url } = server;
  const { port, password } = new URL(url);
  return {
    // A queue that asked Postgres after all would fail here.
    options: { redisUrl: url, databaseUrl: 'postgres://nobody@127.0.0.1:1/none' },
    goAway: () => server.stop(),
    async comeBack() {
      server = await startRedis({ directory, port: Number(port) });
      // Each start makes a new password; clients come back with the one they know.
      await redisCommand(server.url, `CONFIG SET requirepass ${password}`);
    },
    async dropConnections() {
      await redisCommand(url, 'CLIENT KILL TYPE normal');
    },
    async wipe() {
      await redisCommand(url, 'FLUSHALL');
    },
    async countJobs(prefix) {
      // A job is a hash named by its number; locks and the like have names that go on.
      const keys = await redisCommand(url, `KEYS bull:${prefix}-*`);
      return keys.split('\r\n').filter((key) => /^bull:[^:]+:\d+$/.test(key)).length;
    },
    async rewrite(queue, data) {
      const keys = (await redisCommand(url, `KEYS bull:${queue}:*`)).split('\r\n');
      for (const key of keys.filter((key) => /:\d+$/.test(key)))
        await redisCommand(url, `HSET ${key} data '${JSON.stringify(data)}'`);
    },
    async move(queue, to) {
      const keys = (await redisCommand(url, `KEYS bull:${queue}:*`)).split('\r\n');
      for (const key of keys.filter((key) => key.startsWith('bull:')))
        await redisCommand(url, `RENAME ${key} ${key.replace(`:${queue}:`, `:${to}:`)}`);
    },
    async countConnections() {
      const clients = await redisCommand(url, 'CLIENT LIST TYPE normal');
      return clients.split('\n').filter((line) => line.startsWith('id=')).length;
    },
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Sends one command without arguments that need quoting, and resolves to the raw answer. */
async function redisCommand(url: string, command: string): Promise<string> {
  const { hostname, port, password } = new URL(url);
  const socket = createConnection(Number(port), hostname);
  const auth = password ? `AUTH ${decodeURIComponent(password)}\r\n` : '';
  socket.write(`${auth}${command}\r\nQUIT\r\n`);
  const answer = await text(socket);
  if (/^-/m.test(answer)) throw new Error(`Redis answered ${answer}`);
  return answer;
}

async function startPostgresServer(): Promise<QueueServer> {
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-queue-postgres-'));
  const server = await startPostgres({ directory, mode: 'test' });
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query('CREATE DATABASE queue');
  const databaseUrl = Object.assign(new URL(server.url), { pathname: '/queue' }).href;
  const dropConnections = async () => {
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'queue'`);
  };
  const inQueue = async (sql: string, values: string[] = []): Promise<pg.QueryResult> => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      return await client.query(sql, values);
    } finally {
      await client.end();
    }
  };
  return {
    options: { databaseUrl },
    async goAway() {
      await admin.query('ALTER DATABASE queue WITH ALLOW_CONNECTIONS false');
      await dropConnections();
    },
    async comeBack() {
      await admin.query('ALTER DATABASE queue WITH ALLOW_CONNECTIONS true');
    },
    dropConnections,
    async wipe() {
      await inQueue('TRUNCATE bullmq.job CASCADE');
    },
    async countJobs(prefix) {
      const { rows } = await inQueue('SELECT count(*)::int AS jobs FROM bullmq.job WHERE queue LIKE $1', [
        `${prefix}-%`,
      ]);
      return rows[0].jobs;
    },
    async rewrite(queue, data) {
      await inQueue('UPDATE bullmq.job SET data = $2 WHERE queue = $1', [queue, JSON.stringify(data)]);
    },
    async move(queue, to) {
      await inQueue('UPDATE bullmq.job SET queue = $2 WHERE queue = $1', [queue, to]);
    },
    async countConnections() {
      const { rows } = await admin.query(
        `SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE datname = 'queue'`,
      );
      return rows[0].sessions;
    },
    async stop() {
      await admin.end();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
