/** The short run of `npm run chaos`. Where it fails, the report says how to have the same run again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runChaos } from './chaos.ts';
import { describeReport } from './report.ts';

const SEED = Number(process.env.CHAOS_SEED ?? 20_261_126);

test('120 videos through a storm: none lost, none paid twice, no micro-dollar wrong, no event missing or doubled, none hung', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-chaos-'));
  const lines: string[] = [];
  const report = await runChaos({
    videos: 120,
    seed: SEED,
    minutes: 4,
    // The last videos would meet whatever faults are left over.
    stormMs: 30_000,
    directory,
    store: 'files',
    queue: 'redis',
    concurrency: 40,
    everyMs: [300, 1_500],
    hangs: false,
    log: (line) => void lines.push(line),
  });
  console.log(describeReport(report));
  const about = `${lines.join('\n')}\nlogs are in ${directory}`;
  expect(report.audit.findings, about).toEqual([]);
  expect(report.problems, about).toEqual([]);
  expect(report.audit.counts['videos stored']).toBeGreaterThan(60);
  expect(Object.values(report.faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
  await rm(directory, { recursive: true, force: true });
}, 600_000);
