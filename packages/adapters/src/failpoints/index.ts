import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Failpoint, FailpointName } from '@reelgate/core/failpoints';
import { z } from 'zod';

/**
 * What one armed failpoint does: ends this process as a crash would, throws, never comes back, or comes back late. It strikes
 * whichever process reaches it first, or with `always` all of them.
 */
const commandSchema = z.strictObject({
  mode: z.enum(['kill', 'throw', 'hang', 'delay']),
  delayMs: z.int().min(0).default(0),
  always: z.boolean().default(false),
});

/**
 * Takes commands from a directory that a test shares with all the processes it has started: `armed/<name>` holds a command, `reached`
 * gets a line for each failpoint passed, and `struck` one for each command carried out. Files, because they outlive the process.
 */
export function createFailpoints(directory: string): Failpoint {
  for (const part of ['armed', 'taken']) mkdirSync(join(directory, part), { recursive: true });
  let taken = 0;

  /** The command for this place; one that is meant once is taken by one process only. */
  function commandFor(name: FailpointName) {
    const armed = join(directory, 'armed', name);
    if (!existsSync(armed)) return null;
    try {
      const command = commandSchema.parse(JSON.parse(readFileSync(armed, 'utf8')));
      if (!command.always) renameSync(armed, join(directory, 'taken', `${name}.${process.pid}.${taken++}`));
      return command;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  return async (name) => {
    appendFileSync(join(directory, 'reached'), `${name}\n`);
    const command = commandFor(name);
    if (!command) return;
    appendFileSync(join(directory, 'struck'), `${name} ${command.mode}\n`);
    switch (command.mode) {
      case 'kill':
        process.kill(process.pid, 'SIGKILL');
        return await never();
      case 'throw':
        throw new Error(`failpoint ${name}`);
      case 'hang':
        return await never();
      case 'delay':
        await wait(command.delayMs);
    }
  };
}

function never(): Promise<never> {
  return new Promise(() => {});
}
