/** `npm run demo-data`: fills the database of a running `npm start`, or the one that DATABASE_URL names. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { ObjectStoreSettings } from '@reelgate/adapters/object-store';
import { openDemoStore } from './demo-store.ts';
import { demoPeople, writeDemoData } from './write-demo-data.ts';

const HELP = `Fills a deployment for development with a believable month.

Usage: npm run demo-data [-- options]

  --videos N    how many videos (default 20000)
  --seed N      another seed makes other data (default 1)
  --days N      over how many days (default 35)
  --files N     only so many of the newest videos have files (default 20000; 300 in S3)
  --password P  of the people it adds (default reelgate-demo)

Into the stack of \`npm start\` in this folder, or into DATABASE_URL, with files where OBJECTS_DIRECTORY is. Never into one
that people use.`;

const { values } = parseArgs({
  options: {
    videos: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    days: { type: 'string', default: '35' },
    files: { type: 'string' },
    password: { type: 'string', default: 'reelgate-demo' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

try {
  if (values.help) console.log(HELP);
  else await run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const startedAt = performance.now();
  const videos = wholeNumber('videos', values.videos);
  const { databaseURL, store } = await target();
  await writeDemoData(databaseURL, {
    videos,
    seed: wholeNumber('seed', values.seed),
    days: wholeNumber('days', values.days),
    password: values.password,
    store: store && openDemoStore(store),
    filesOf: values.files === undefined ? undefined : wholeNumber('files', values.files),
  });
  console.log(`${videos} videos of 12 teams in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  console.log(`Sign in with the password ${values.password} as:`);
  for (const { email, role, teams } of demoPeople)
    console.log(`  ${role.padEnd(8)}${email.padEnd(32)}${teams.join(', ')}`);
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`--${name} needs a whole number, not ${JSON.stringify(text)}.`);
}

interface Target {
  readonly databaseURL: string;
  readonly store: ObjectStoreSettings | null;
}

async function target(): Promise<Target> {
  const { DATABASE_URL, OBJECTS_DIRECTORY } = process.env;
  if (DATABASE_URL) {
    return { databaseURL: DATABASE_URL, store: OBJECTS_DIRECTORY ? inFolder(OBJECTS_DIRECTORY) : null };
  }
  const home = process.env.REELGATE_HOME || new URL('../../.reelgate', import.meta.url).pathname;
  const { databaseURL, s3, objectsDirectory } = await readConnection(home);
  if (s3) {
    const { endpoint, bucket, region, accessKeyId, secretAccessKey } = s3;
    const keys = accessKeyId !== null && secretAccessKey !== null && { accessKeyId, secretAccessKey };
    return { databaseURL, store: { kind: 's3', endpoint, bucket, region, ...keys } };
  }
  return { databaseURL, store: objectsDirectory === null ? null : inFolder(objectsDirectory) };
}

/** No URL is made of it, so nothing is signed. */
function inFolder(directory: string): ObjectStoreSettings {
  return {
    kind: 'filesystem',
    directory,
    publicUrl: 'http://localhost',
    signingSecret: randomBytes(32).toString('hex'),
  };
}

async function readConnection(home: string): Promise<Connection> {
  try {
    return JSON.parse(await readFile(`${home}/connection.json`, 'utf8')) as Connection;
  } catch {
    throw new Error('No stack is running. Run `npm start` in another terminal, or set DATABASE_URL.');
  }
}

interface Connection {
  readonly databaseURL: string;
  readonly objectsDirectory: string | null;
  readonly s3: {
    readonly endpoint: string;
    readonly bucket: string;
    readonly region: string;
    readonly accessKeyId: string | null;
    readonly secretAccessKey: string | null;
  } | null;
}
