import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLine, identify } from './process-identity.ts';

/** Where a server notes that it serves the cluster in `data`. */
export const lockFile = (data: string) => join(data, 'postmaster.pid');

/** The process that serves the cluster in `data`, whoever started it; undefined where there is none. */
export async function findPostmaster(data: string): Promise<number | undefined> {
  const text = await readFile(lockFile(data), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const pid = Number(text.split('\n', 1)[0]);
  return (await identify(pid)) && (await commandLine(pid)).includes(data) ? pid : undefined;
}
