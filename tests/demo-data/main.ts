/** `npm run demo-data`: fills the database of a running `npm start`, or the one that DATABASE_URL names. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { demoPeople, writeDemoData } from './write-demo-data.ts';

const HELP = `Fills a deployment for development with a believable month.

Usage: npm run demo-data [-- options]

  --videos N    how many videos (default 20000)
  --seed N      another seed makes other data (default 1)
  --days N      over how many days (default 35)
  --password P  of the people it adds (default reelgate-demo)

Into the database of \`npm start\` in this folder, or into DATABASE_URL. Never into one that people use.`;

const { values } = parseArgs({
  options: {
    videos: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    days: { type: 'string', default: '35' },
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
  await writeDemoData(process.env.DATABASE_URL ?? (await databaseOfRunningStack()), {
    videos,
    seed: wholeNumber('seed', values.seed),
    days: wholeNumber('days', values.days),
    password: values.password,
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

async function databaseOfRunningStack(): Promise<string> {
  const home = process.env.REELGATE_HOME || new URL('../../.reelgate', import.meta.url).pathname;
  try {
    const text = await readFile(`${home}/connection.json`, 'utf8');
    return (JSON.parse(text) as { databaseURL: string }).databaseURL;
  } catch {
    throw new Error('No stack is running. Run `npm start` in another terminal, or set DATABASE_URL.');
  }
}
