import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Terminal } from './terminal.ts';

/** What a build is made of; the folder of an app or package, and files beside it. */
const sources = [
  'apps/dashboard/src',
  'apps/dashboard/index.html',
  'apps/dashboard/vite.config.ts',
  'packages/contract/src',
];
const target = 'apps/dashboard/dist/site';

/** Builds the dashboard where that has not been done since its sources changed. It takes some seconds, once. */
export async function buildDashboard(checkout: string, terminal: Pick<Terminal, 'step'>): Promise<void> {
  const built = await changedAt(join(checkout, target, 'index.html'));
  const changed = Math.max(...(await Promise.all(sources.map((path) => newestIn(join(checkout, path))))));
  if (changed <= built) return;
  terminal.step('Building the dashboard');
  const app = join(checkout, 'apps/dashboard');
  // Beside the one that is served, so that two stacks of one checkout never see half a build.
  const fresh = `dist/site-${process.pid}`;
  const vite = join(
    dirname(createRequire(join(app, 'package.json')).resolve('vite/package.json')),
    'bin/vite.js',
  );
  const build = spawn(process.execPath, [vite, 'build', '--outDir', fresh, '--logLevel', 'warn'], {
    cwd: app,
    // Nothing is inherited: whatever this process is for, the build is for people.
    env: { NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [build.stdout, build.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = (await once(build, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The dashboard could not be built.\n${output.trim()}`);
  await rm(join(checkout, target), { recursive: true, force: true });
  await rename(join(app, fresh), join(checkout, target)).catch(async (error: NodeJS.ErrnoException) => {
    // Another stack was faster, with the same.
    await rm(join(app, fresh), { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

async function changedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.mtimeMs ?? 0;
}

/** Of a file, or of a folder and all that is in it: a file that was taken away changes its folder. */
async function newestIn(path: string): Promise<number> {
  const own = await changedAt(path);
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => []);
  const times = await Promise.all(entries.map((entry) => changedAt(join(entry.parentPath, entry.name))));
  return Math.max(own, ...times);
}
