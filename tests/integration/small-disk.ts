import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PAGE_BYTES = 4_096;
/** What holds the disk where no program does. */
const KEEPER = ['sh', '-c', 'echo mounted && exec cat'];

export interface SmallDisk {
  /** On it, for every process of this user; also when it is full. */
  readonly directory: string;
  /** The first that its program has printed. */
  readonly greeting: string;
  /** Takes every byte that is left. */
  fill(): Promise<void>;
  /** Gives them back. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A file system of its own, of `bytes`, in memory: mounted where only a process in a name space of its own sees it, so that no
 * rights are needed, and reached through that process. To a `program` of ours it is the system's temporary directory; it says so when it is ready, and goes when its input ends. The reason as text where the system does not allow that.
 */
export async function startSmallDisk(bytes: number, program?: string): Promise<SmallDisk | string> {
  const mountPoint = await mkdtemp(join(tmpdir(), 'reelgate-disk-'));
  const script = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"';
  const holder = spawn(
    'unshare',
    [...nameSpace(program), 'sh', '-c', script, 'sh', `${bytes}`, mountPoint, ...commandOf(program)],
    { cwd: '/', env: { ...process.env, TMPDIR: mountPoint } },
  );
  let said = '';
  holder.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<string>((resolve) => {
    holder.once('error', (error) => resolve(error.message));
    holder.once('close', () => resolve(said.trim() || 'unshare ended'));
  });
  const greeting = once(holder.stdout.setEncoding('utf8'), 'data').then(([text]) => ({ text: String(text) }));
  const begun = await Promise.race([greeting, ended]);
  if (typeof begun === 'string') {
    await rmdir(mountPoint);
    return begun;
  }
  const directory = join(`/proc/${holder.pid}/root`, mountPoint);
  const close = async () => {
    holder.stdin.end();
    await ended;
    await rmdir(mountPoint);
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
    greeting: begun.text.trim(),
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

/** A program may have to become another user than root, whom a name space of ours alone would not know. */
function nameSpace(program: string | undefined): string[] {
  const mayMount = program !== undefined && process.getuid?.() === 0;
  return mayMount ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
}

function commandOf(program: string | undefined): string[] {
  if (program === undefined) return KEEPER;
  const command = [process.execPath, program];
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  return uid === 0 ? command : ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, ...command];
}
