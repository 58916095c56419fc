import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** One gateway or worker. Whenever it ends, however that was, it is started again, as a supervisor would. */
export interface Member {
  readonly name: string;
  readonly kind: 'gateway' | 'worker';
  /** Where it listens; null while it does not serve. */
  port(): number | null;
  /** Starts so far. */
  starts(): number;
  /** Resolves once it serves. */
  ready(): Promise<void>;
  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
  /** As a deploy does: resolves once the old one has ended in order and a new one serves. */
  restart(): Promise<void>;
  /** Ends it for good. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const RESTART_MS = 100;

export function startMember(options: {
  readonly kind: 'gateway' | 'worker';
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}): Member {
  const { kind, name, env, logFile } = options;
  const clock = new URL('./skewed-clock.ts', import.meta.url).href;
  const main = fileURLToPath(new URL(`../../../apps/${kind}/src/main.ts`, import.meta.url));
  let child: ChildProcess;
  let port: number | null = null;
  let starts = 0;
  let stopping = false;

  function launch(): void {
    const log = openSync(logFile, 'a');
    child = fork(main, { env, stdio: ['ignore', log, log, 'ipc'], execArgv: ['--import', clock] });
    closeSync(log);
    starts++;
    const current = child;
    current.on('message', (message) => {
      port = (message as { port: number }).port;
    });
    current.once('exit', () => {
      port = null;
      if (!stopping) void wait(RESTART_MS).then(() => stopping || launch());
    });
  }
  launch();

  const ready = async () => {
    while (port === null) await wait(20);
  };

  return {
    name,
    kind,
    port: () => port,
    starts: () => starts,
    ready,
    kill: (signal) => void child.kill(signal),
    async restart() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      await ready();
    },
    async stop(signal = 'SIGTERM') {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill(signal);
      await exited;
    },
  };
}
