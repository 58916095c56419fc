import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readlink, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePort, type PostgresOptions, startPostgres } from '@reelgate/embedded';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isAlive, startInParent, temporaryDirectory } from './servers.ts';

const isRoot = process.getuid?.() === 0;

async function start(directory: string, options: Partial<PostgresOptions> = {}) {
  const server = await startPostgres({ directory, mode: 'durable', ...options });
  onTestFinished(() => server.stop());
  return server;
}

async function query(url: string, text: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const remember = (url: string) => query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
const recall = (url: string) => query(url, 'SELECT answer FROM kept');

test('starts without root rights, answers on the loopback address only and keeps its data', async () => {
  vi.stubEnv('REELGATE_TEST_SECRET', 'must-not-leak');
  onTestFinished(() => void vi.unstubAllEnvs());
  const directory = await temporaryDirectory();
  const first = await start(directory);
  expect(new URL(first.url).pathname).toBe('/reelgate');
  const [settings] = await query(
    first.url,
    `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('fsync') AS fsync,
            current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets,
            current_setting('server_encoding') AS encoding`,
  );
  expect(settings).toEqual({ major: 18, fsync: 'on', addresses: '127.0.0.1', sockets: '', encoding: 'UTF8' });
  if (process.platform === 'linux') {
    const uid = (await readFile(`/proc/${first.pid}/status`, 'utf8')).match(/^Uid:\s+(\d+)/m)?.[1];
    expect(uid === '0').toBe(false);
    expect(await readFile(`/proc/${first.pid}/environ`, 'utf8').catch(() => '')).not.toContain(
      'must-not-leak',
    );
  }
  await remember(first.url);
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);

  const second = await start(directory);
  expect(await recall(second.url)).toEqual([{ answer: 42 }]);
});

test('lets nobody in without the password', async () => {
  const server = await start(await temporaryDirectory(), { mode: 'test' });
  const guessed = new URL(server.url);
  guessed.password = 'guess';
  await expect(query(guessed.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
});

test('trades durability for speed in test mode', async () => {
  const server = await start(await temporaryDirectory(), { mode: 'test' });
  expect(await query(server.url, 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
});

test('ends soon after its parent has been killed', async () => {
  const parent = await startInParent('postgres', await temporaryDirectory());
  await parent.kill();
  await vi.waitFor(() => expect(isAlive(parent.server.pid)).toBe(false), { timeout: 5000 });
});

test('starts again at once, on the same port, after its parent has been killed', async () => {
  const directory = await temporaryDirectory();
  const parent = await startInParent('postgres', directory);
  await remember(parent.server.url);
  await parent.kill();
  const server = await start(directory, { port: parent.server.port });
  expect(isAlive(parent.server.pid)).toBe(false);
  expect(await recall(server.url)).toEqual([{ answer: 42 }]);
});

test.runIf(process.platform === 'linux')(
  // Finding the supervisor takes /proc.
  'ends a server left behind when parent and supervisor have both been killed',
  async () => {
    const directory = await temporaryDirectory();
    const parent = await startInParent('postgres', directory);
    await remember(parent.server.url);
    const status = await readFile(`/proc/${parent.server.pid}/status`, 'utf8');
    const supervisor = Number(status.match(/^PPid:\s+(\d+)/m)?.[1]);
    const children = await readFile(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8');
    const watchers = children.trim().split(' ').map(Number);
    expect(watchers).toContain(parent.server.pid);
    parent.process.kill('SIGSTOP');
    for (const pid of [supervisor, ...watchers.filter((pid) => pid !== parent.server.pid)])
      process.kill(pid, 'SIGKILL');
    await parent.kill();
    expect(isAlive(parent.server.pid)).toBe(true);

    const server = await start(directory);
    expect(isAlive(parent.server.pid)).toBe(false);
    expect(await recall(server.url)).toEqual([{ answer: 42 }]);
  },
);

test('tells when the server has been killed, and recovers its data', async () => {
  const directory = await temporaryDirectory();
  const first = await start(directory);
  await remember(first.url);
  process.kill(first.pid, 'SIGKILL');
  const second = await start(directory);
  expect(await first.exited).toBe('Postgres was ended by signal 9');
  expect(await recall(second.url)).toEqual([{ answer: 42 }]);
});

test('says what to do about a busy port', async () => {
  const port = await freePort();
  const squatter = createServer().listen(port, '127.0.0.1');
  await once(squatter, 'listening');
  onTestFinished(() => void squatter.close());
  const attempt = start(await temporaryDirectory(), { port, mode: 'test' });
  await expect(attempt).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is already in use, so Postgres cannot listen there. Stop the program that uses it, or choose another port`,
  );
});

test('refuses data on which a server is running', async () => {
  const directory = await temporaryDirectory();
  const server = await start(directory, { mode: 'test' });
  await expect(start(directory, { mode: 'test' })).rejects.toThrow(
    `already running on this data: process ${process.pid}`,
  );
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('starts only once when asked twice at the same time', async () => {
  const directory = await temporaryDirectory();
  const attempts = await Promise.allSettled([
    start(directory, { mode: 'test' }),
    start(directory, { mode: 'test' }),
  ]);
  const refusals = attempts.filter((attempt) => attempt.status === 'rejected');
  expect(refusals.map(({ reason }) => String(reason))).toEqual([
    expect.stringContaining('is already running on this data'),
  ]);
});

test.each(['live', 'zombie'] as const)(
  'is not held up by a lock file that names a %s stranger',
  async (kind) => {
    const directory = await temporaryDirectory();
    const first = await start(directory);
    await remember(first.url);
    const data = join(directory, 'cluster', 'data');
    const lock = await readFile(join(data, 'postmaster.pid'), 'utf8');
    await first.stop();
    const stranger = kind === 'live' ? process.pid : await zombie();
    await writeFile(join(data, 'postmaster.pid'), lock.replace(/^\d+/, `${stranger}`));
    const second = await start(directory);
    expect(await recall(second.url)).toEqual([{ answer: 42 }]);
  },
);

test.runIf(isRoot)(
  // Only root starts Postgres as somebody else.
  'keeps its data elsewhere when its user cannot enter the directory',
  async () => {
    const directory = join(await temporaryDirectory('closed'), 'state');
    const first = await start(directory, { mode: 'test' });
    await remember(first.url);
    await first.stop();
    expect(await readlink(join(directory, 'cluster'))).not.toContain(directory);
    const second = await start(directory, { mode: 'test' });
    expect(await recall(second.url)).toEqual([{ answer: 42 }]);
  },
);

test.runIf(isRoot)(
  'leaves data alone that is served, though the way to it cannot be seen from here',
  async () => {
    const closed = await temporaryDirectory('closed');
    const served = await start(join(closed, 'state'), { mode: 'test' });
    await remember(served.url);
    await rename(closed, `${closed}.hidden`);
    await start(await temporaryDirectory(), { mode: 'test' });
    expect(await recall(served.url)).toEqual([{ answer: 42 }]);
    await rename(`${closed}.hidden`, closed);
  },
);

/** The pid of a process that has ended but is never collected: its parent became a program that does not care. */
async function zombie(): Promise<number> {
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [text] = await once(parent.stdout.setEncoding('utf8'), 'data');
  return Number(text);
}
