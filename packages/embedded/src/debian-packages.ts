import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { findOnPath, run } from './command.ts';

const multiarch: Record<string, string> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

export interface ExtractedPackages {
  /** The folder that plays `/`: `<root>/usr/bin` holds the programs. */
  root: string;
  /** `<root>/usr/lib/<multiarch>`, where the packages keep plugins. */
  libraries: string;
  /** PATH and LD_LIBRARY_PATH under which the programs find each other and their libraries. */
  env: Record<string, string>;
}

/** `true` when packages can be fetched here (the network is not tried), otherwise why not. */
export async function debianPackagesAvailable(): Promise<true | string> {
  if (process.platform !== 'linux') return `Debian packages do not run on ${process.platform}`;
  if (!multiarch[process.arch]) return `no Debian packages are known for the processor ${process.arch}`;
  for (const tool of ['apt-get', 'dpkg', 'flock']) {
    if (!(await findOnPath(tool))) return `${tool} is not on the PATH (this is not Debian or Ubuntu)`;
  }
  return true;
}

/**
 * Downloads the named packages with all they need that this system lacks, and unpacks them into the cache: nothing is installed,
 * no root is needed and no service starts. A later call finds them there. Only one process downloads; others wait for it.
 */
export async function extractDebianPackages(
  name: string,
  packages: string[],
  log: (line: string) => void,
): Promise<ExtractedPackages> {
  const available = await debianPackagesAvailable();
  if (available !== true) throw new Error(`Cannot fetch ${packages.join(', ')}: ${available}.`);
  const cache = join(cacheDirectory(), 'debian');
  const root = join(cache, `${name}-${await release()}-${process.arch}`);
  if (!(await exists(root))) {
    await mkdir(cache, { recursive: true });
    const unlock = await lock(`${root}.lock`);
    try {
      if (!(await exists(root))) await download(cache, root, packages, log);
    } finally {
      await unlock();
    }
  }
  return environmentOf(root);
}

async function download(cache: string, root: string, packages: string[], log: (line: string) => void) {
  // Only the holder of the lock has such a folder for this root; one that is here was left by a killed download.
  const prefix = `${root}.partial-`;
  for (const entry of await readdir(cache)) {
    if (join(cache, entry).startsWith(prefix)) await rm(join(cache, entry), { recursive: true });
  }
  const partial = await mkdtemp(prefix);
  const startedAt = Date.now();
  try {
    const unpacked = join(partial, 'root');
    await mkdir(unpacked);
    log(`Downloading ${packages.join(', ')} from the Debian archive (once)`);
    try {
      await fetchClosure(partial, packages, []);
    } catch {
      // Fresh images ship without package lists, old lists name versions that are gone. Lists of our own need no root.
      log('The package lists of this system do not do: fetching fresh ones');
      const own = await ownLists(join(cache, 'apt'));
      await run('apt-get', [...own, 'update'], { env: aptEnvironment() });
      await fetchClosure(partial, packages, own);
    }
    const archives = (await readdir(partial)).filter((file) => file.endsWith('.deb'));
    log(`Unpacking ${archives.length} packages`);
    for (const archive of archives) await run('dpkg', ['-x', join(partial, archive), unpacked]);
    await rename(unpacked, root);
    log(`${packages.join(', ')} ready in ${((Date.now() - startedAt) / 1000).toFixed(1)} s, kept in ${root}`);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function fetchClosure(directory: string, packages: string[], options: string[]): Promise<void> {
  // `-s` only simulates, which every user may; unlike --print-uris it also lists what apt has already cached.
  const env = aptEnvironment();
  const plan = await run('apt-get', [...options, 'install', '-s', '--no-install-recommends', ...packages], {
    env,
  });
  const closure = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] as string);
  // Already installed ones are not in the plan, but then their programs are on this system too.
  if (closure.length === 0) return;
  // apt would warn that its own user cannot write into our folder.
  const sandbox = ['-o', 'APT::Sandbox::User=root'];
  await run('apt-get', [...options, ...sandbox, 'download', ...closure], { cwd: directory, env });
}

async function ownLists(directory: string): Promise<string[]> {
  await mkdir(join(directory, 'lists', 'partial'), { recursive: true });
  await mkdir(join(directory, 'cache', 'archives', 'partial'), { recursive: true });
  const options = {
    'Dir::State::Lists': join(directory, 'lists'),
    'Dir::Cache': join(directory, 'cache'),
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
  };
  return Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

/** apt honours proxy settings from the environment; its messages are read, so they must not be translated. */
function aptEnvironment(): Record<string, string | undefined> {
  return { ...process.env, LC_ALL: 'C' };
}

/** An advisory lock that the kernel releases when this process ends, however it ends. */
async function lock(file: string): Promise<() => Promise<void>> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = once(holder, 'exit');
  const outcome = await Promise.race([once(holder.stdout, 'data').then(() => 'held'), exited]);
  if (outcome !== 'held') throw new Error(`Cannot lock ${file}`);
  return async () => {
    holder.stdin.end();
    await exited;
  };
}

function environmentOf(root: string): ExtractedPackages {
  const triplet = multiarch[process.arch] as string;
  const libraries = join(root, 'usr/lib', triplet);
  const searched = [
    libraries,
    join(root, 'lib', triplet),
    join(libraries, 'ceph'),
    join(root, 'usr/lib/ceph'),
  ];
  return {
    root,
    libraries,
    env: {
      PATH: `${join(root, 'usr/bin')}:${join(root, 'usr/sbin')}:/usr/bin:/bin:/usr/sbin:/sbin`,
      LD_LIBRARY_PATH: searched.join(':'),
    },
  };
}

async function release(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8');
  const field = (key: string) => text.match(new RegExp(`^${key}="?([^"\n]+)`, 'm'))?.[1];
  return `${field('ID') ?? 'linux'}${field('VERSION_ID') ?? ''}`;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
