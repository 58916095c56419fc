import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PAGE_BYTES = 4_096;

export interface SmallDisk {
  /** On it, for every process of this user; also when it is full. */
  readonly directory: string;
  /** Takes every byte that is left. */
  fill(): Promise<void>;
  /** Gives them back. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A file system of its own, of `bytes`, in memory: mounted where only a process in a name space of its own sees it, so that no
 * rights are needed, and reached through that process. The reason as text where the system does not allow that.
 */
export async function startSmallDisk(bytes: number): Promise<SmallDisk | string> {
  const mountPoint = tmpdir();
  const script = `mount -t tmpfs -o size=${bytes} tmpfs "$0" && echo mounted && exec cat`;
  const holder = spawn('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', script, mountPoint]);
  let said = '';
  holder.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<string>((resolve) => {
    holder.once('error', (error) => resolve(error.message));
    holder.once('close', () => resolve(said.trim() || 'unshare ended'));
  });
  const refused = await Promise.race([once(holder.stdout, 'data').then(() => null), ended]);
  if (refused !== null) return refused;
  const directory = join(`/proc/${holder.pid}/root`, mountPoint);
  const close = async () => {
    holder.stdin.end();
    await ended;
  };
  try {
    await stat(directory);
  } catch (error) {
    await close();
    return String(error);
  }
  const filler = join(directory, 'filler');
  return {
    directory,
    async fill() {
      const file = await open(filler, 'a');
      try {
        for (;;) await file.write(Buffer.alloc(PAGE_BYTES));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        await file.close();
      }
    },
    clear: () => rm(filler, { force: true }),
    close,
  };
}
