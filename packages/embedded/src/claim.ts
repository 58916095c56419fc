import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { identify, isRunning, type ProcessIdentity, waitUntilGone } from './process-identity.ts';
import { putInPlace } from './put-in-place.ts';
import type { SupervisedProcess } from './supervisor.ts';

interface ClaimRecord {
  id: string;
  /** The process that starts and stops the server. */
  owner: ProcessIdentity;
  /** The processes of the server, as far as they have been started. */
  servers: ProcessIdentity[];
}

export interface ClaimOptions {
  /** Holds the record of the claim while it lasts. */
  file: string;
  /** The server as people call it, for messages. */
  name: string;
  /** What ends a server left behind; SIGKILL follows. */
  stopSignal: NodeJS.Signals;
}

/** Notes a process of the server, so that whoever comes after us can end it should it outlive us. */
export type NoteServer = (pid: number) => Promise<void>;

/** How long the supervisor of a killed owner gets to end its server by itself, and then the server to heed each signal. */
const patienceMs = 5000;

/**
 * Runs `start` as the only one who runs a server on this data, until that server ends. A server whose owner has been killed is
 * ended first; while the owner of one is alive, the claim is refused.
 */
export async function withClaim<T extends SupervisedProcess>(
  options: ClaimOptions,
  start: (noteServer: NoteServer) => Promise<T>,
): Promise<T> {
  const claim = await claimServer(options);
  try {
    const server = await start(claim.noteServer);
    const exited = server.exited.then(async (how) => {
      await claim.release();
      return how;
    });
    const stop = async () => {
      await server.stop();
      await exited;
    };
    return { ...server, exited, stop };
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function claimServer({ file, name, stopSignal }: ClaimOptions) {
  const owner = await identify(process.pid);
  if (!owner) throw new Error('This process cannot find itself in the process table');
  const record: ClaimRecord = { id: randomUUID(), owner, servers: [] };
  // Written aside and then put in place in one step: a reader never sees half a record.
  const draft = `${file}.${record.id}`;
  const writeDraft = () => writeFile(draft, JSON.stringify(record), { mode: 0o600 });
  await writeDraft();
  try {
    while (!(await putInPlace(draft, file))) await clearStale(file, name, stopSignal);
  } finally {
    await rm(draft);
  }
  return {
    async noteServer(pid: number): Promise<void> {
      const server = await identify(pid);
      if (!server) return;
      record.servers.push(server);
      await writeDraft();
      await rename(draft, file);
    },
    async release(): Promise<void> {
      for (const server of record.servers) await end(server, name, stopSignal);
      // After a crash of the server another start may have taken over already.
      if ((await readRecord(file))?.id === record.id) await rm(file, { force: true });
    },
  };
}

async function clearStale(file: string, name: string, stopSignal: NodeJS.Signals): Promise<void> {
  const record = await readRecord(file);
  if (record) {
    const { owner, servers } = record;
    const alive = await Promise.all(servers.map(isRunning));
    if ((await isRunning(owner)) && (servers.length === 0 || alive.includes(true))) {
      throw new Error(
        `${name} is already running on this data: process ${owner.pid} started it (see ${file}). ` +
          'Stop that process first, or choose another data directory.',
      );
    }
    // The supervisor of a killed owner is stopping its server at this moment.
    await Promise.all(servers.map((server) => waitUntilGone(server, patienceMs)));
    for (const server of servers) await end(server, name, stopSignal);
  }
  await rm(file, { force: true });
}

async function end(server: ProcessIdentity, name: string, stopSignal: NodeJS.Signals): Promise<void> {
  if (!(await isRunning(server))) return;
  for (const signal of [stopSignal, 'SIGKILL'] as const) {
    try {
      process.kill(server.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw new Error(`${name} of an earlier run (process ${server.pid}) is still there; stop it first.`, {
        cause: error,
      });
    }
    if (await waitUntilGone(server, patienceMs)) return;
  }
  throw new Error(`${name} of an earlier run (process ${server.pid}) does not end; stop it first.`);
}

async function readRecord(file: string): Promise<ClaimRecord | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ClaimRecord);
}
