import { randomUUID } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { UnixUser } from './command.ts';
import { makeDirectory } from './make-directory.ts';
import { findPostmaster } from './postmaster.ts';
import { canEnter } from './unprivileged.ts';

/**
 * The folder `<directory>/cluster`, which belongs to the user Postgres runs as. When that user cannot reach it, because the
 * checkout lies in root's own home, it is a link to a folder under `fallback`; deleting `directory` then still means a fresh start.
 */
export async function prepareHome(
  directory: string,
  user: UnixUser | undefined,
  fallback: string,
  log: (line: string) => void,
): Promise<string> {
  await makeDirectory(directory, 0o711);
  const home = join(directory, 'cluster');
  if (!user) {
    await mkdir(home, { recursive: true, mode: 0o700 });
    return home;
  }
  const entry = await lstat(home).catch(() => undefined);
  if (entry?.isDirectory()) {
    if (await canEnter(directory, user)) return own(home, user);
    throw new Error(
      `Postgres runs as the user nobody, who can no longer enter ${directory}. ` +
        'Allow others to pass through that folder and its parents (chmod o+x), or choose another data directory.',
    );
  }
  if (entry) return own(await readlink(home), user);
  if (await canEnter(directory, user)) return own(home, user);
  const elsewhere = join(fallback, `postgres-${randomUUID()}`);
  await symlink(elsewhere, home);
  await own(elsewhere, user);
  await writeFile(join(elsewhere, 'linked-from'), home);
  log(`Postgres keeps its data in ${elsewhere}: the user nobody cannot enter ${directory}`);
  return elsewhere;
}

/** Where data that is to be kept goes when root's directory is closed to others. Only root may add to it. */
export const lastingHomes = '/var/lib/reelgate';

/** The same for throw-away servers. */
export const temporaryHomes = '/var/cache/reelgate/test-clusters';

/** Deletes the throw-away homes whose directory has been deleted. One that is served has a directory that is only hidden from here. */
export async function sweepTemporaryHomes(): Promise<void> {
  for (const name of await readdir(temporaryHomes).catch(() => [])) {
    const home = join(temporaryHomes, name);
    const linkedFrom = await readFile(join(home, 'linked-from'), 'utf8').catch(() => undefined);
    if (linkedFrom === undefined) continue;
    const target = await readlink(linkedFrom).catch(() => undefined);
    if (target === home || (await findPostmaster(join(home, 'data'))) !== undefined) continue;
    await rm(home, { recursive: true, force: true });
  }
}

async function own(home: string, user: UnixUser): Promise<string> {
  await mkdir(home, { recursive: true, mode: 0o755 });
  await chown(home, user.uid, user.gid);
  await chmod(home, 0o700);
  return home;
}
