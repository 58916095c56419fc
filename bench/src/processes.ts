import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface AppProcess {
  readonly pid: number;
  /** Every line of its log so far, newest last. */
  readonly lines: readonly Record<string, unknown>[];
  /** Seconds of CPU since it began. */
  cpuSeconds(): Promise<number>;
  residentBytes(): Promise<number>;
  stop(): Promise<void>;
}

/** Clock ticks of Linux in a second, as `/proc` counts them. */
const TICKS = 100;

/** A gateway or a worker as a process of its own, with exactly this environment. */
export async function startApp(app: 'gateway' | 'worker', env: Record<string, string>): Promise<AppProcess> {
  const main = fileURLToPath(new URL(`../../apps/${app}/src/main.ts`, import.meta.url));
  const child: ChildProcess = fork(main, {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: [],
  });
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as Record<string, unknown>);
  });
  const exited = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => Promise.reject(new Error(`the ${app} ended with ${code}`))),
  ]);
  const { pid } = child;
  if (pid === undefined) throw new Error(`the ${app} has no process id`);
  return {
    pid,
    lines,
    async cpuSeconds() {
      const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / TICKS;
    },
    async residentBytes() {
      const [, pages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
      return Number(pages) * 4096;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
