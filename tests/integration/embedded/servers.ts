import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PostgresServer, RedisServer, S3Server } from '@reelgate/embedded';
import { onTestFinished } from 'vitest';

interface Servers {
  postgres: PostgresServer;
  redis: RedisServer;
  s3: S3Server;
}

/** A folder for one test. Others may pass through it unless it is `closed`, as a home directory often is. */
export async function temporaryDirectory(access: 'open' | 'closed' = 'open'): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-embedded-'));
  await chmod(directory, access === 'open' ? 0o755 : 0o700);
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export interface ServerParent<K extends keyof Servers> {
  process: ChildProcess;
  /** What the server's start resolved with, as far as JSON carries it. */
  server: Omit<Servers[K], 'exited' | 'stop'>;
  /** Ends the parent the way nobody can catch. */
  kill(): Promise<void>;
}

/** Starts a server from a process of its own. */
export async function startInParent<K extends keyof Servers>(
  kind: K,
  directory: string,
  environment: Record<string, string> = {},
): Promise<ServerParent<K>> {
  const program = fileURLToPath(new URL('./server-parent.ts', import.meta.url));
  const parent = spawn(process.execPath, [program, kind, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const exited = once(parent, 'exit');
  const kill = async () => {
    parent.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  for await (const line of createInterface(parent.stdout)) {
    return { process: parent, server: JSON.parse(line), kill };
  }
  throw new Error(`The parent of ${kind} ended before the server ran`);
}

/** Whether the process still does anything: one that has ended counts as gone before its parent has collected it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
