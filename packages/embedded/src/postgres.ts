import { randomBytes } from 'node:crypto';
import { lchown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { withClaim } from './claim.ts';
import { run, type UnixUser } from './command.ts';
import { withPort } from './ports.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { lastingHomes, prepareHome, sweepTemporaryHomes, temporaryHomes } from './postgres-home.ts';
import { findPostmaster, lockFile } from './postmaster.ts';
import { type ServerProgram, type SupervisedProcess, startSupervised } from './supervisor.ts';
import { unprivilegedUser } from './unprivileged.ts';

export interface PostgresOptions {
  /** Keeps the data, the password and the claim of the running server; made when missing. */
  directory: string;
  /** A free one when absent. */
  port?: number;
  /** `durable` survives a power cut; `test` does not, and is faster for it. */
  mode: 'durable' | 'test';
  /** Gets a line for every step that takes noticeable time. */
  log?: (line: string) => void;
}

export interface PostgresServer extends SupervisedProcess {
  /** Of the database `reelgate`, as a superuser, with the password. */
  url: string;
  port: number;
}

/** The "fast" shutdown: it ends the sessions and writes a checkpoint; SIGTERM would wait for the clients to leave. */
const stopSignal = 'SIGINT';

const superuser = 'reelgate';
const database = 'reelgate';

const commonSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // Statements and rows hold prompts, and what the server prints ends up in our error messages.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

const modeSettings: Record<PostgresOptions['mode'], Record<string, string>> = {
  durable: {},
  test: {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    // Test files run side by side, each with pools of its own.
    max_connections: '300',
  },
};

/**
 * Starts a real Postgres on the directory, makes the cluster and the database `reelgate` when they are missing, and resolves once
 * it answers. It listens on 127.0.0.1 only and wants a password, which lies in the directory for the owner's eyes. It ends with
 * this process, even a killed one; what a killed one left behind is cleared first. Root runs it as the user `nobody`.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { mode, log = () => {} } = options;
  const directory = resolve(options.directory);
  const user = await unprivilegedUser();
  const binaries = await findPostgresBinaries(user, log);
  if (mode === 'test') await sweepTemporaryHomes();
  const home = await prepareHome(directory, user, mode === 'test' ? temporaryHomes : lastingHomes, log);
  const data = join(home, 'data');
  const claim = { file: join(directory, 'postgres.claim'), name: 'Postgres', stopSignal } as const;

  return withClaim(claim, async (noteServer) => {
    const password = await passwordOf(directory);
    await ensureCluster({ home, data, password, binaries, mode, user, log });
    await removeStaleLock(data);
    return withPort('Postgres', options.port, async (port) => {
      const server = await startPatiently({
        name: 'Postgres',
        command: binaries.postgres,
        args: ['-D', data, '-p', `${port}`, ...settingsOf(mode)],
        env: environment(home),
        directory: home,
        ...(user && { user }),
        stopSignal,
        stopGraceSeconds: 20,
        ready: /database system is ready to accept connections/,
        readyTimeoutMs: 60_000,
        noteServer,
      });
      const urlOf = (name: string) => `postgres://${superuser}:${password}@127.0.0.1:${port}/${name}`;
      try {
        await ensureDatabase(urlOf('postgres'));
      } catch (error) {
        await server.stop();
        throw error;
      }
      return { ...server, url: urlOf(database), port };
    });
  });
}

interface ClusterOptions {
  home: string;
  data: string;
  password: string;
  binaries: PostgresBinaries;
  mode: PostgresOptions['mode'];
  user: UnixUser | undefined;
  log: (line: string) => void;
}

async function ensureCluster({
  home,
  data,
  password,
  binaries,
  mode,
  user,
  log,
}: ClusterOptions): Promise<void> {
  const existing = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (existing !== undefined) {
    if (existing.trim() === binaries.major) return;
    throw new Error(
      `The data in ${data} was written by Postgres ${existing.trim()} and this is Postgres ${binaries.major}. ` +
        'Dump it with the old version and restore it, or choose another data directory.',
    );
  }
  log('Creating a Postgres cluster');
  // Made aside and renamed: a cluster cut short by a kill is never mistaken for a finished one.
  const draft = join(home, 'data.partial');
  const passwordFile = join(home, 'password.partial');
  await rm(draft, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
  // The folder belongs to the other user, who might have put a link there meanwhile.
  if (user) await lchown(passwordFile, user.uid, user.gid);
  try {
    const authentication = ['-A', 'scram-sha-256', '--pwfile', passwordFile];
    const locale = ['--locale=C', '-E', 'UTF8', '--no-instructions'];
    const sync = mode === 'test' ? ['--no-sync'] : [];
    await run(binaries.initdb, ['-D', draft, '-U', superuser, ...authentication, ...locale, ...sync], {
      cwd: home,
      env: environment(home),
      ...(user && { user }),
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, data);
}

async function passwordOf(directory: string): Promise<string> {
  const file = join(directory, 'password');
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, password, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return (await readFile(file, 'utf8')).trim();
}

/**
 * Postgres refuses to start while the pid in its lock file is alive, even as a zombie or as some other program that got the number
 * after a reboot. Only a real server is a reason not to start.
 */
async function removeStaleLock(data: string): Promise<void> {
  const pid = await findPostmaster(data);
  if (pid !== undefined) {
    throw new Error(
      `A Postgres that was not started from here is running on ${data} (process ${pid}). Stop it first, or choose another data directory.`,
    );
  }
  await rm(lockFile(data), { force: true });
}

/** After a crash the sessions of the dead server hold its shared memory for a moment longer; then Postgres wants to be asked again. */
async function startPatiently(program: ServerProgram): Promise<SupervisedProcess> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await startSupervised(program);
    } catch (error) {
      const isHeld = /lock file .* already exists|pre-existing shared memory block/.test(String(error));
      if (!isHeld || Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end();
  }
}

function settingsOf(mode: PostgresOptions['mode']): string[] {
  return Object.entries({ ...commonSettings, ...modeSettings[mode] }).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ]);
}

function environment(home: string): Record<string, string> {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: home };
}
