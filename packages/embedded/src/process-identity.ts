import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from './command.ts';

/** A process, told apart from a later one with the same pid by when it started (in the system's own notation). */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

/** Who has this pid now. A zombie counts as gone: it holds nothing any more, however late its parent collects it. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = process.platform === 'linux' ? await linuxStart(pid) : await posixStart(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.startedAt === identity.startedAt;
}

/** The command line of a process, its arguments separated by blanks; empty when it is gone. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform !== 'linux') return run('ps', ['-o', 'command=', '-p', `${pid}`]).catch(() => '');
  const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return raw.replaceAll('\0', ' ').trim();
}

/** Resolves with whether the process has gone within the time. The system tells nobody but its parent, hence the polling. */
export async function waitUntilGone(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (await isRunning(identity)) {
    if (Date.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

async function linuxStart(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The second field is the program's name in brackets and may hold blanks; the state follows it, the start is field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const gone = fields[0] === 'Z' || fields[0] === 'X';
  return gone ? undefined : fields[19];
}

async function posixStart(pid: number): Promise<string | undefined> {
  const line = await run('ps', ['-o', 'stat=,lstart=', '-p', `${pid}`]).catch(() => '');
  const [, state, startedAt] = line.trim().match(/^(\S+)\s+(.+)$/) ?? [];
  return state === undefined || state.startsWith('Z') ? undefined : startedAt;
}
