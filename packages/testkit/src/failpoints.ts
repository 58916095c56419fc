import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FailpointName } from '@reelgate/core/failpoints';

export type FailpointMode = 'kill' | 'throw' | 'hang' | 'delay';

/** The other end of `FAILPOINTS_DIRECTORY`: a test commands the processes that were started with it. */
export interface FailpointControl {
  readonly directory: string;
  /** Strikes the first process that gets there, or with `always` every one, each time. */
  arm(
    name: FailpointName,
    mode: FailpointMode,
    options?: { delayMs?: number; always?: boolean },
  ): Promise<void>;
  disarm(name: FailpointName): Promise<void>;
  /** How often each place was reached. */
  reached(): Promise<ReadonlyMap<FailpointName, number>>;
  /** `<name> <mode>` of each command that was carried out. */
  struck(): Promise<readonly string[]>;
}

export async function controlFailpoints(directory: string): Promise<FailpointControl> {
  await mkdir(join(directory, 'armed'), { recursive: true });
  const linesOf = async (file: string) => {
    const text = await readFile(join(directory, file), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  };
  return {
    directory,
    async arm(name, mode, options = {}) {
      // Nobody must see half of it.
      const draft = join(directory, `draft-${name}`);
      await writeFile(draft, JSON.stringify({ mode, ...options }));
      await rename(draft, join(directory, 'armed', name));
    },
    disarm: (name) => rm(join(directory, 'armed', name), { force: true }),
    async reached() {
      const counts = new Map<FailpointName, number>();
      for (const name of (await linesOf('reached')) as FailpointName[])
        counts.set(name, (counts.get(name) ?? 0) + 1);
      return counts;
    },
    struck: () => linesOf('struck'),
  };
}
