/** A real Chromium for tests and screenshots: the machine's own, or Debian's where it can be installed. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const run = promisify(execFile);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Nothing that talks to anybody but the page that is looked at. */
const FLAGS = [
  // A page that is not in front is drawn and answers all the same.
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

async function findChromium(): Promise<string | null> {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  const candidates = [
    ...(CHROMIUM_PATH ? [CHROMIUM_PATH] : []),
    ...PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  for (const path of candidates) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return null;
}

/** The path of a Chromium, or the sentence that says why there is none. */
export async function ensureChromium(): Promise<{ path: string } | { why: string }> {
  const found = await findChromium();
  if (found) return { path: found };
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return { why: 'no Chromium on the PATH; install it, or set CHROMIUM_PATH' };
  }
  try {
    console.error('Installing Chromium from the Debian archive');
    await run('apt-get', ['update', '-qq'], { timeout: 120_000 });
    await run('apt-get', ['install', '--yes', '-qq', '--no-install-recommends', 'chromium'], {
      timeout: 240_000,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch (error) {
    return {
      why: `no Chromium on the PATH, and apt-get could not install it: ${String(error).slice(0, 200)}`,
    };
  }
  const installed = await findChromium();
  return installed ? { path: installed } : { why: 'apt-get installed Chromium, and it is not on the PATH' };
}

export async function launchChromium(path: string): Promise<Browser> {
  return await chromium.launch({ executablePath: path, args: FLAGS });
}
