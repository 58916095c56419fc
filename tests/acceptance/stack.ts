/**
 * Runs what `npm start` runs, in a home of its own, and knows of it only what it prints and what connection.json says.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** connection.json, as far as these tests read it. */
export interface Connection {
  baseURL: string;
  apiKey: string;
  simulatorURL: string;
  simulatorControlURL: string;
  adminKey: string;
  webhookSecret: string;
  webhookInboxURL: string;
  databaseURL: string;
  redisURL: string | null;
  s3: {
    endpoint: string;
    bucket: string;
    region: string;
    accessKeyId: string;
    secretAccessKey: string;
  } | null;
  objectsDirectory: string | null;
  pids: Record<string, number>;
}

export interface Stack {
  readonly home: string;
  readonly pid: number;
  /** From the start of the process to "Ready", in ms. */
  readonly readyMs: number;
  output(): string;
  connection(): Promise<Connection>;
  /** Resolves once the output matches; rejects where the process ends before that. */
  printed(pattern: RegExp): Promise<void>;
  /** Sends the signal and resolves with the exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

const checkout = new URL('../..', import.meta.url).pathname;

/** A folder that the unprivileged user whom Postgres runs as, if we are root, can enter. */
export async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'reelgate-acceptance-'));
  await chmod(home, 0o755);
  return home;
}

export async function removeHome(home: string): Promise<void> {
  await rm(home, { recursive: true, force: true });
}

/** Resolves once the stack says that it is ready. */
export async function startStack(home: string, ...flags: string[]): Promise<Stack> {
  const startedAt = performance.now();
  const { child, output, printed } = run(home, ['--port', '0', ...flags]);
  await printed(/^Ready in /m);
  return {
    home,
    pid: child.pid as number,
    readyMs: performance.now() - startedAt,
    output,
    connection: async () => JSON.parse(await readFile(join(home, 'connection.json'), 'utf8')) as Connection,
    printed,
    async end(signal) {
      const exited = once(child, 'exit');
      child.kill(signal);
      const [code, by] = (await exited) as [number | null, NodeJS.Signals | null];
      return code ?? by ?? -1;
    },
  };
}

/** For starts that are meant to be refused: what they printed and their exit code. */
export async function startInVain(home: string, ...flags: string[]) {
  const { child, output } = run(home, flags);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

/** One command of the CLI, with nothing but the home to find the stack by. */
export async function reelgate(home: string, ...args: string[]): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)('node', ['apps/cli/src/main.ts', ...args, '--json'], {
    cwd: checkout,
    env: environment(home),
  });
  return JSON.parse(stdout) as Record<string, string>;
}

function run(home: string, flags: string[]) {
  const child: ChildProcess = spawn('node', ['apps/standalone/src/main.ts', ...flags], {
    cwd: checkout,
    env: environment(home),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const output = () => text;
  const printed = async (pattern: RegExp) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (pattern.test(text)) resolve();
    };
    child.stdout?.on('data', look);
    child.once('close', (code) => reject(new Error(`npm start ended with ${code}:\n${text}`)));
    look();
    await promise.finally(() => child.stdout?.off('data', look));
  };
  return { child, output, printed };
}

/** Not the settings of whoever runs the tests: a DATABASE_URL in their shell would be used. */
function environment(home: string): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'XDG_CACHE_HOME', 'NODE_COMPILE_CACHE'];
  const entries = kept.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(entries), REELGATE_HOME: home };
}
