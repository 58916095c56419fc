import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes the folder with this mode when it is missing. Its parents get the usual one: other servers keep their data there, too. */
export async function makeDirectory(directory: string, mode: number): Promise<void> {
  await mkdir(dirname(directory), { recursive: true });
  await mkdir(directory, { recursive: true, mode });
}
