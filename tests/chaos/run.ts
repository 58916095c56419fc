/** `npm run chaos -- --videos 2000 --seed 1`: see docs/reliability.md. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';
import { describeReport } from './report.ts';

const { values } = parseArgs({
  options: {
    videos: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    minutes: { type: 'string' },
    concurrency: { type: 'string', default: '100' },
    store: { type: 'string', default: 'files' },
    queue: { type: 'string', default: 'redis' },
    quiet: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const videos = Number(values.videos);
const directory = await mkdtemp(join(tmpdir(), 'reelgate-chaos-'));
console.log(`${videos} videos, seed ${values.seed}, logs in ${join(directory, 'logs')}`);
const report = await runChaos({
  videos,
  seed: Number(values.seed),
  minutes: values.minutes === undefined ? Math.max(2, (videos / 2_000) * 13.5) : Number(values.minutes),
  directory,
  store: values.store === 's3' ? 's3' : 'files',
  queue: values.queue === 'postgres' ? 'postgres' : 'redis',
  concurrency: Number(values.concurrency),
  everyMs: [300, 4_000],
  hangs: videos >= 500,
  log: values.quiet ? () => {} : console.log,
});
console.log(describeReport(report));
const failed = report.audit.findings.length > 0 || report.problems.length > 0;
if (failed || values.keep) console.log(`Kept for a look: ${directory}`);
else await rm(directory, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
