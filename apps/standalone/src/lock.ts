import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { identify, isRunning, type ProcessIdentity, putInPlace, waitUntilGone } from '@reelgate/embedded';
import { privateMode, readPrivateJson, writePrivateJson } from './private-file.ts';

interface LockRecord {
  readonly owner: ProcessIdentity;
  readonly url: string;
  /** Started by the owner. They end with it; whoever comes after makes sure. */
  readonly children: readonly ProcessIdentity[];
}

export interface Lock {
  noteUrl(url: string): Promise<void>;
  noteChild(pid: number): Promise<void>;
  release(): Promise<void>;
}

/** How long the children of a killed owner get to end by themselves. */
const orphanGraceMs = 1000;

/** Makes this process the only one that runs a stack in this home. What a killed one left behind is cleared away. */
export async function acquireLock(file: string, url: string, say: (line: string) => void): Promise<Lock> {
  const owner = await identify(process.pid);
  if (!owner) throw new Error('This process cannot find itself in the process table.');
  let record: LockRecord = { owner, url, children: [] };
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(record), { mode: privateMode, flag: 'wx' });
  try {
    while (!(await putInPlace(draft, file))) await clearStale(file, say);
  } finally {
    await rm(draft, { force: true });
  }
  // One write after the other, or a slow one could bring back an older record.
  let written: Promise<void> = Promise.resolve();
  const note = (change: Partial<LockRecord>) => {
    record = { ...record, ...change };
    const next = record;
    written = written.then(() => writePrivateJson(file, next));
    return written;
  };
  return {
    noteUrl: (now) => note({ url: now }),
    async noteChild(pid) {
      const child = await identify(pid);
      if (child) await note({ children: [...record.children, child] });
    },
    async release() {
      await written;
      await rm(file, { force: true });
    },
  };
}

async function clearStale(file: string, say: (line: string) => void): Promise<void> {
  const record = await readPrivateJson<LockRecord>(file);
  if (!record) return;
  const { owner, url, children } = record;
  if (await isRunning(owner)) {
    throw new Error(
      `Reelgate already runs here (pid ${owner.pid}, ${url}): stop it first, or use another REELGATE_HOME.`,
    );
  }
  say(`Stale lock: Reelgate (pid ${owner.pid}) ended without cleaning up. Taking over its data.`);
  await Promise.all(children.map((child) => endWithin(child, orphanGraceMs)));
  await rm(file, { force: true });
}

/** Gives the process time to end by itself, then kills it. */
async function endWithin(child: ProcessIdentity, graceMs: number): Promise<void> {
  while (!(await waitUntilGone(child, graceMs))) {
    try {
      process.kill(child.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw new Error(`Process ${child.pid} of an earlier run is still there. Stop it, then start again.`);
    }
  }
}
