import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { withClaim } from './claim.ts';
import { findOnPath } from './command.ts';
import { extractDebianPackages } from './debian-packages.ts';
import { makeDirectory } from './make-directory.ts';
import { withPort } from './ports.ts';
import { type SupervisedProcess, startSupervised } from './supervisor.ts';

export interface RedisOptions {
  /** Keeps the append-only file and the configuration; made when missing. */
  directory: string;
  /** A free one when absent. */
  port?: number;
  /** Gets a line for every step that takes noticeable time. */
  log?: (line: string) => void;
}

export interface RedisServer extends SupervisedProcess {
  /** With the password. */
  url: string;
  port: number;
}

const stopSignal = 'SIGTERM';

/**
 * Starts a real Redis (or Valkey) on the directory and resolves once it answers. The program is the one on the PATH, or else comes
 * from the Debian archive into the cache. It listens on 127.0.0.1 only and wants a password; it writes every change to disk at
 * least once a second and never evicts. It ends with this process, even a killed one.
 */
export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  const { log = () => {} } = options;
  const directory = resolve(options.directory);
  await makeDirectory(directory, 0o700);
  const { command, env } = await findRedis(log);
  const claim = { file: join(directory, 'redis.claim'), name: 'Redis', stopSignal } as const;

  return withClaim(claim, (noteServer) =>
    withPort('Redis', options.port, async (port) => {
      const password = randomBytes(24).toString('base64url');
      const configuration = join(directory, 'redis.conf');
      // A file, because everyone on the machine can read a command line.
      await writeFile(configuration, configurationOf({ directory, port, password }), { mode: 0o600 });
      const server = await startSupervised({
        name: 'Redis',
        command,
        args: [configuration],
        env,
        directory,
        stopSignal,
        stopGraceSeconds: 10,
        ready: /ready to accept connections/i,
        readyTimeoutMs: 60_000,
        noteServer,
      });
      return { ...server, url: `redis://:${password}@127.0.0.1:${port}`, port };
    }),
  );
}

export async function findRedisOnPath(): Promise<string | undefined> {
  return (await findOnPath('redis-server')) ?? (await findOnPath('valkey-server'));
}

async function findRedis(
  log: (line: string) => void,
): Promise<{ command: string; env: Record<string, string> }> {
  const installed = await findRedisOnPath();
  if (installed) return { command: installed, env: { PATH: '/usr/bin:/bin' } };
  const { root, env } = await extractDebianPackages('redis', ['redis-server'], log);
  return { command: join(root, 'usr/bin/redis-server'), env };
}

interface Configuration {
  directory: string;
  port: number;
  password: string;
}

function configurationOf({ directory, port, password }: Configuration): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${JSON.stringify(directory)}`,
    `requirepass ${password}`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    // A queue that forgets jobs when memory is short is worse than one that refuses them.
    'maxmemory-policy noeviction',
    '',
  ].join('\n');
}
