import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs one command of the CLI and resolves with its JSON answer; throws with its one line of complaint. */
export type RunCommand = (args: readonly string[]) => Promise<unknown>;

/**
 * What an administrator would type, typed for them: this app knows no table. The commands get this environment and no other.
 */
export function createCommandLine(entry: string, env: Readonly<Record<string, string>>): RunCommand {
  return async (args) => {
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [entry, ...args, '--json'], { env });
      return JSON.parse(stdout);
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      throw new Error(`reelgate ${args.join(' ')} failed: ${stderr?.trim() || message}`);
    }
  };
}
