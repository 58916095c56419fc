import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { UnixUser } from './command.ts';

export interface ServerProgram {
  /** As people call it, for messages. */
  name: string;
  command: string;
  args: string[];
  /** The whole environment: nothing is inherited, so that no secret of ours reaches a server. */
  env: Record<string, string>;
  /** The working directory. */
  directory: string;
  user?: UnixUser;
  /** Asks for an orderly end; SIGKILL follows when the server takes longer than the grace. */
  stopSignal: 'SIGINT' | 'SIGTERM';
  stopGraceSeconds: number;
  /** A line it prints once it serves, or a question to ask until the answer is yes. */
  ready: RegExp | (() => Promise<boolean>);
  readyTimeoutMs: number;
  /** Called with the server's pid before it is waited for. */
  noteServer: (pid: number) => Promise<void>;
}

export interface SupervisedProcess {
  pid: number;
  /** Resolves once the server has ended, for whatever reason, with a sentence that says how. */
  exited: Promise<string>;
  /** Resolves when the server has ended in order; calling it again is harmless. */
  stop(): Promise<void>;
}

/**
 * A shell is the server's parent and reads from a pipe whose other end only this process holds. However this process ends, the pipe
 * closes and the shell stops the server. It collects the server, too, so that no zombie pid is left to confuse the next start.
 */
const supervisorScript = `
signal=$1 grace=$2; shift 2
exec 4<&0
"$@" </dev/null 3>&- 4<&- &
server=$!
(
  while read -r _; do :; done
  kill -s "$signal" "$server"
  while [ "$grace" -gt 0 ]; do sleep 1; grace=$((grace - 1)); done
  kill -s KILL "$server"
) <&4 3>&- >/dev/null 2>&1 &
watcher=$!
exec 4<&-
# Last, because it ends the shell when nobody reads any more; the watcher then does its work alone.
echo "$server" >&3; exec 3>&-
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`;

/** Kept of what a server prints, for the message when it fails. */
const keptOutputChars = 4000;

/** Starts a server that lives no longer than this process, and resolves once it serves. */
export async function startSupervised(program: ServerProgram): Promise<SupervisedProcess> {
  const shell = spawn(
    '/bin/sh',
    [
      ...['-c', supervisorScript, 'reelgate-supervisor'],
      ...[
        program.stopSignal.slice('SIG'.length),
        `${program.stopGraceSeconds}`,
        program.command,
        ...program.args,
      ],
    ],
    {
      cwd: program.directory,
      env: program.env,
      ...program.user,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // A session of its own: Ctrl-C in a terminal reaches this process only, which then stops its servers in order.
      detached: true,
    },
  );
  const tie = shell.stdin as Writable;
  // The shell may be gone before we let go of the pipe.
  tie.on('error', () => {});
  const { ready } = program;
  let hasSaidReady = false;
  const output = keepOutput(shell, (text) => {
    hasSaidReady ||= ready instanceof RegExp && ready.test(text);
  });
  let hasExited = false;
  const exited = ended(shell, program.name).then((how) => {
    hasExited = true;
    tie.destroy();
    return how;
  });
  const stop = async () => {
    tie.end();
    await exited;
  };
  const isReady = ready instanceof RegExp ? async () => hasSaidReady : ready;

  try {
    const pid = await readPid(shell.stdio[3] as Readable);
    if (pid === undefined) throw new Error(`${program.name} could not be started: ${await exited}`);
    await program.noteServer(pid);
    const how = await Promise.race([
      exited,
      untilTrue(isReady, () => hasExited),
      delay(program.readyTimeoutMs, 'it took too long', { ref: false }),
    ]);
    if (how !== true) throw new Error(`${program.name} did not start: ${how}\n${output().trim()}`);
    return { pid, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What was printed last. `onText` sees everything: each new piece with what is kept of the text before it. */
function keepOutput(shell: ChildProcess, onText: (text: string) => void): () => string {
  let kept = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const recent = kept + text;
      onText(recent);
      kept = recent.slice(-keptOutputChars);
    });
  }
  return () => kept;
}

/** Resolves when the answer is yes, and never once there is no point in asking any more. */
async function untilTrue(question: () => Promise<boolean>, isPointless: () => boolean): Promise<true> {
  while (!(await question()) || isPointless()) {
    if (isPointless()) await new Promise(() => {});
    await delay(10);
  }
  return true;
}

async function readPid(pipe: Readable): Promise<number | undefined> {
  let text = '';
  try {
    for await (const chunk of pipe) text += chunk;
  } catch {
    // The shell itself could not be started; its own error says why.
  }
  return text ? Number(text) : undefined;
}

async function ended(shell: ChildProcess, name: string): Promise<string> {
  const closed = once(shell, 'close').catch(() => {});
  const [code, signal] = await once(shell, 'exit').catch((error: Error) => [error.message, null]);
  // What was printed last arrives after the exit; helpers of the server may keep the pipe open, so do not wait for long.
  await Promise.race([closed, delay(200)]);
  if (signal) return `${name} lost its supervisor to ${signal}`;
  // A shell reports "ended by signal n" as 128 + n.
  return code > 128 ? `${name} was ended by signal ${code - 128}` : `${name} ended with ${code}`;
}
