import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Spool } from '@reelgate/core/ports';
import { createFilesystemObjectStore } from './object-store.ts';

/**
 * A directory of a volume as a spool. The volume is known by an id in a file beside the videos, so that whichever worker gets the
 * volume next knows them for its own.
 */
export async function openSpool(directory: string, maxBytes: number): Promise<Spool> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const idFile = join(directory, 'volume-id');
  await writeFile(idFile, `volume-${randomUUID()}`, { flag: 'wx', mode: 0o600, flush: true }).catch(
    (error) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  const volumeId = (await readFile(idFile, 'utf8')).trim();
  // Nobody is ever given a link into it.
  const store = createFilesystemObjectStore({
    directory,
    publicUrl: 'http://localhost',
    signingSecret: randomUUID(),
  });
  await store.ensureBucket();
  return { volumeId, store, maxBytes };
}
