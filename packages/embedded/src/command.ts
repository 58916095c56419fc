import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  user?: UnixUser;
}

/** Who a program runs as; absent means the user of this process. */
export interface UnixUser {
  uid: number;
  gid: number;
}

/** Runs a program to its end and resolves with its standard output; the rejection carries the end of what it printed. */
export function run(command: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const settings = { cwd: options.cwd, env: options.env, ...options.user, maxBuffer: 32 * 1024 * 1024 };
  execFile(command, args, settings, (error, stdout, stderr) => {
    if (!error) return resolve(stdout);
    const printed = `${stdout}\n${stderr}`.trim().slice(-2000);
    reject(new Error(`${command} ${args[0] ?? ''} failed: ${printed || error.message}`, { cause: error }));
  }).stdin?.end();
  return promise;
}

/** The full path of a program, as the shell would find it. */
export async function findOnPath(name: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    if (!directory) continue;
    const candidate = join(directory, name);
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  return undefined;
}
