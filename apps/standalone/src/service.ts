import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { privateMode } from './private-file.ts';

export interface ServiceOptions {
  /** As people call it, for messages. */
  name: string;
  /** The app's main.ts. */
  entry: string;
  /** The whole environment: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  logFile: string;
  /** A process has been started; called again for each restart. */
  onStart: (pid: number) => void;
  /** It died and is being started again. */
  onDeath: (message: string) => void;
  /** It died too often. */
  onGiveUp: (error: Error) => void;
}

export interface Service {
  /** Undefined while there is none. */
  pid(): number | undefined;
  /** Resolves once it serves; throws with the tail of its log where it does not. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Running {
  child: ChildProcess;
  startedAt: number;
  /** Resolves with a phrase that says how it ended. */
  ended: Promise<string>;
}

const readyTimeoutMs = 30_000;
const stopTimeoutMs = 30_000;
const firstBackoffMs = 250;
const maxDeaths = 5;
/** Deaths further apart than this do not add up. */
const forgiveAfterMs = 60_000;
const tailLines = 8;
const tailBytes = 8 * 1024;
const advice = 'Mend what the log complains of and start again: data is kept.';
/** EX_CONFIG of sysexits.h: its settings are wrong, so another try would end the same way. */
const misconfigured = 78;

/**
 * One of our apps as a child process. It is tied to this process by its IPC channel: when that breaks, however this process
 * ended, the child stops. A child that dies is started again, a few times.
 */
export function createService(options: ServiceOptions): Service {
  const { name, logFile } = options;
  let current: Running | undefined;
  let stopping = false;

  async function launch(): Promise<Running> {
    const log = openSync(logFile, 'a', privateMode);
    const child = spawn(process.execPath, [options.entry], {
      env: options.env,
      stdio: ['ignore', log, log, 'ipc'],
      // Ctrl-C in a terminal reaches this process only, which then stops its children in order.
      detached: true,
    });
    closeSync(log);
    const running: Running = { child, startedAt: Date.now(), ended: endOf(child) };
    current = running;
    if (child.pid !== undefined) options.onStart(child.pid);
    const outcome = await Promise.race([
      readyMessage(child),
      running.ended,
      delay(readyTimeoutMs, `did not get ready within ${readyTimeoutMs / 1000} s`, { ref: false }),
    ]);
    if (outcome === ready) return running;
    child.kill('SIGKILL');
    await running.ended;
    throw new Error(`The ${name} ${outcome}.\n${await tail(logFile)}\n${advice}`);
  }

  async function keepRunning(first: Running): Promise<void> {
    let running = first;
    let deaths = 0;
    for (;;) {
      const how = await running.ended;
      if (stopping) return;
      deaths = Date.now() - running.startedAt > forgiveAfterMs ? 1 : deaths + 1;
      const what = `The ${name} ${how}.\n${await tail(logFile)}`;
      if (deaths > maxDeaths || running.child.exitCode === misconfigured) {
        options.onGiveUp(new Error(`${what}\nThat was ${deaths} times in a row. ${advice}`));
        return;
      }
      options.onDeath(`${what}\nStarting it again (${deaths} of ${maxDeaths}).`);
      await delay(firstBackoffMs * 2 ** (deaths - 1), undefined, { ref: false });
      if (stopping) return;
      // What does not get ready has ended, too, and is counted as another death.
      running = await launch().catch(() => current as Running);
    }
  }

  return {
    pid: () => (current && isAlive(current.child) ? current.child.pid : undefined),
    async start() {
      const running = await launch();
      void keepRunning(running);
    },
    async stop() {
      stopping = true;
      if (!current) return;
      const { child, ended } = current;
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await ended;
      clearTimeout(killer);
    },
  };
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

const ready = Symbol('ready');

function readyMessage(child: ChildProcess): Promise<typeof ready> {
  return new Promise((resolve) => {
    child.on('message', (message: { type?: unknown } | null) => {
      if (message?.type === 'ready') resolve(ready);
    });
  });
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      resolve(signal ? `was ended by ${signal}` : `ended with exit code ${code}`),
    );
  });
}

async function tail(logFile: string): Promise<string> {
  const file = await open(logFile, 'r');
  const { size } = await file.stat();
  const { buffer, bytesRead } = await file.read({
    buffer: Buffer.alloc(tailBytes),
    position: Math.max(0, size - tailBytes),
  });
  await file.close();
  const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-tailLines);
  return [`The end of ${logFile}:`, ...lines.map((line) => `  | ${line.slice(0, 200)}`)].join('\n');
}
