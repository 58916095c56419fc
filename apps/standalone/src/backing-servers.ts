import { startPostgres, startRedis, startS3 } from '@reelgate/embedded';
import type { S3Connection } from './connection.ts';
import type { Home } from './home.ts';
import type { Terminal } from './terminal.ts';

/** A server that has been started here. */
export interface EmbeddedServer {
  readonly pid: number;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Servers that are there already and are used instead of embedded ones. */
export interface OwnServers {
  readonly databaseURL: string | undefined;
  readonly redisURL: string | undefined;
  readonly s3: S3Connection | undefined;
}

export interface BackingServers {
  readonly databaseURL: string;
  readonly redisURL: string | null;
  readonly s3: S3Connection | null;
}

/** Where everything is kept: Postgres always; Redis and S3 where there are own ones or `full` asks for them. */
export async function startBackingServers(options: {
  home: Home;
  full: boolean;
  own: OwnServers;
  /** For the embedded S3. */
  bucket: string;
  terminal: Terminal;
  /** Called as soon as one runs. */
  onStarted: (name: 'Postgres' | 'Redis' | 'S3', server: EmbeddedServer) => Promise<void>;
}): Promise<BackingServers> {
  const { home, full, own, bucket, terminal, onStarted } = options;
  const log = (line: string) => terminal.step(line);
  const showOwn = (name: string, url: string) => terminal.part(name, `${new URL(url).host} (yours)`);

  async function postgres(): Promise<string> {
    if (own.databaseURL !== undefined) {
      showOwn('Postgres', own.databaseURL);
      return own.databaseURL;
    }
    const server = await startPostgres({ directory: home.postgres, mode: 'durable', log });
    await onStarted('Postgres', server);
    terminal.part('Postgres', `127.0.0.1:${server.port}, data in ${home.postgres}`);
    return server.url;
  }

  async function redis(): Promise<string | null> {
    if (own.redisURL !== undefined) {
      showOwn('Redis', own.redisURL);
      return own.redisURL;
    }
    if (!full) return null;
    const server = await startRedis({ directory: home.redis, log });
    await onStarted('Redis', server);
    terminal.part('Redis', `127.0.0.1:${server.port}, data in ${home.redis}`);
    return server.url;
  }

  async function s3(): Promise<S3Connection | null> {
    if (own.s3 !== undefined) {
      showOwn('S3', own.s3.endpoint);
      return own.s3;
    }
    if (!full) return null;
    const server = await startS3({ directory: home.s3, log });
    await onStarted('S3', server);
    const { endpoint, region, accessKeyId, secretAccessKey } = server;
    terminal.part('S3', `${endpoint}, bucket ${bucket}, data in ${home.s3}`);
    return { endpoint, bucket, region, accessKeyId, secretAccessKey };
  }

  const [databaseURL, redisURL, s3Connection] = await Promise.all([postgres(), redis(), s3()]);
  return { databaseURL, redisURL, s3: s3Connection };
}
