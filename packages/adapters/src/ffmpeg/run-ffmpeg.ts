import { spawn } from 'node:child_process';

/** Far above any still that we make, far below what would hurt. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const MAX_LOG_BYTES = 8 * 1024;

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  /** The beginning of what was logged. */
  readonly stderr: string;
}

/**
 * Runs ffmpeg to its end. Settles only when the process is gone, also after an abort, which kills it and throws the
 * signal's reason. Throws where the program cannot be started.
 */
export function runFfmpeg(path: string, args: readonly string[], signal: AbortSignal): Promise<Finished> {
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  // biome-ignore lint/style/noProcessEnv: not a setting of ours; a reader of foreign bytes is found on the PATH but gets none of our secrets
  const { PATH, SystemRoot } = process.env;
  const child = spawn(path, ['-hide_banner', '-nostdin', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, SystemRoot },
    windowsHide: true,
  });
  const output: Buffer[] = [];
  let outputBytes = 0;
  let stderr = '';
  let failure: unknown;
  const kill = (reason: unknown): void => {
    failure ??= reason;
    child.kill('SIGKILL');
  };
  const onAbort = (): void => kill(signal.reason);

  child.stdout.on('data', (chunk: Buffer) => {
    outputBytes += chunk.length;
    if (outputBytes > MAX_OUTPUT_BYTES) kill(new Error(`ffmpeg wrote more than ${MAX_OUTPUT_BYTES} bytes`));
    else output.push(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, MAX_LOG_BYTES);
  });
  child.on('error', (error) => {
    failure ??= error;
  });
  child.on('close', (exitCode) => {
    signal.removeEventListener('abort', onAbort);
    if (failure !== undefined) reject(failure);
    else resolve({ exitCode, stdout: Buffer.concat(output), stderr });
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return promise;
}
