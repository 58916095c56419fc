import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createVideo } from '@reelgate/core';
import { seedTeam } from '@reelgate/testkit';
import { startApp } from '../processes.ts';
import { type Benchmark, quantile } from '../report.ts';
import { startRig } from '../rig.ts';
import { many, workerEnvironment } from '../worker-environment.ts';

/** How an upstream loses its answer after it has accepted. */
const LOSSES = ['answer=rst', 'answer=fin', 'answer=502', 'answer=cut'];

/** Creates of which some lose their answers, until every one is known for what it is. */
export const ambiguous: Benchmark = {
  about: 'creates whose answers were lost: how long until all are found, and whether any was made twice',
  options: { videos: 1_000, percent: 20, prompts: 50, patience: 300 },
  async run({ videos = 1_000, percent = 20, prompts = 50, patience = 300 }) {
    const directory = await mkdtemp(join(tmpdir(), 'reelgate-bench-'));
    const rig = await startRig();
    try {
      const worker = await startApp(
        'worker',
        await workerEnvironment({
          directory,
          databaseUrl: rig.database.url,
          upstreamUrl: rig.simulator.baseUrl,
          pollIntervalMs: 5_000,
        }),
      );
      const teams = await Promise.all(Array.from({ length: 10 }, () => seedTeam(rig.database.db)));
      const lost = new Set<string>();
      await many(16, videos, async (n) => {
        const principal = teams[n % teams.length];
        if (!principal) throw new Error('no team');
        const isLost = n % 100 < percent;
        // Many have the same prompt, and other teams have it too.
        const prompt = `prompt ${n % prompts} [[sim render_ms=1000000 ${isLost ? LOSSES[n % LOSSES.length] : ''}]]`;
        const { video } = await createVideo(
          { ...rig.ctx, principal },
          { model: 'sora-2', prompt, seconds: 4, size: '720x1280', params: {} },
          { idempotencyKey: null, retryCount: 0 },
        );
        if (isLost) lost.add(video.id);
      });
      const startedAt = performance.now();
      const unresolved = async () =>
        (
          await rig.database.db.$client.query<{ count: number }>(
            `select count(*)::int as count from videos where state <> 'rendering'`,
          )
        ).rows[0]?.count ?? 0;
      while ((await unresolved()) > 0 && performance.now() - startedAt < patience * 1_000) await wait(500);
      const left = await unresolved();
      await worker.stop();
      const { rows } = await rig.database.db.$client.query<{
        id: string;
        upstream_id: string | null;
        prompt: string;
      }>('select id, upstream_id, prompt from videos');
      const truth = (await rig.simulator.control('GET', 'truth')) as {
        videos: { id: string; prompt_sha256: string }[];
        totals: { creates: number };
      };
      const known = new Map(truth.videos.map((video) => [video.id, video]));
      const took = worker.lines.flatMap((line) =>
        line.event === 'submission.resolved' && typeof line.searchedMs === 'number'
          ? [line.searchedMs / 1_000]
          : [],
      );
      const adoptedTwice = rows.length - new Set(rows.map((row) => row.upstream_id ?? row.id)).size;
      const wrong = rows.filter(
        ({ upstream_id: id, prompt }) =>
          id !== null && known.get(id)?.prompt_sha256 !== createHash('sha256').update(prompt).digest('hex'),
      ).length;
      return {
        title: `${videos} creates over 10 teams and ${prompts} prompts, ${lost.size} of which lost their answers`,
        columns: ['', 'measured', 'goal'],
        rows: [
          ['found', `${lost.size - left} of ${lost.size}`, 'all'],
          ['made by the upstream', String(truth.totals.creates), String(videos)],
          ['adopted by two rows', String(adoptedTwice), '0'],
          ['adopted and of another request', String(wrong), '0'],
          ['from lost to found, p50', `${quantile(took).toFixed(1)} s`, 'under 10 s'],
          ['from lost to found, p99', `${quantile(took, 0.99).toFixed(1)} s`, 'under 60 s'],
        ],
        notes: [
          'Videos of different teams with one prompt that were made within the same seconds cannot be told apart by a list; they wait until they can, or for an administrator.',
        ],
      };
    } finally {
      await rig.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};
