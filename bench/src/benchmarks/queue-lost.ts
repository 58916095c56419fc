import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createVideo } from '@reelgate/core';
import { embeddedAvailability, startRedis } from '@reelgate/embedded';
import { seedTeam } from '@reelgate/testkit';
import { startApp } from '../processes.ts';
import { type Benchmark, quantile } from '../report.ts';
import { startRig } from '../rig.ts';
import { many, workerEnvironment } from '../worker-environment.ts';

/** How often to say how far it is. */
const TELL_MS = 10_000;

type Queue = 'there' | 'emptied every two seconds' | 'absent';

/** The same videos with a queue, with one that is emptied all the time, and with none. */
export const queueLost: Benchmark = {
  about: 'what it costs to lose the queue: FLUSHALL every two seconds, and Redis absent for the whole run',
  options: { videos: 300, render: 3_000, patience: 1_800 },
  async run({ videos = 300, render = 3_000, patience = 1_800 }) {
    if ((await embeddedAvailability()).redis !== true) throw new Error('there is no Redis on this machine');
    const rows: string[][] = [];
    for (const queue of ['there', 'emptied every two seconds', 'absent'] as const) {
      const { stored, late } = await runWith(queue, videos, render, patience);
      rows.push([
        queue,
        `${stored} of ${videos}`,
        `${quantile(late).toFixed(1)} s`,
        `${quantile(late, 0.99).toFixed(1)} s`,
        `${Math.max(...late).toFixed(1)} s`,
      ]);
    }
    return {
      title: `${videos} videos in flight at once, by what becomes of Redis; from completion at the upstream to stored`,
      columns: ['Redis', 'stored', 'p50', 'p99', 'longest'],
      rows,
      notes: [
        'All end within the same seconds, so that the archive is what takes time; the difference between the rows is the cost.',
      ],
    };
  },
};

async function runWith(queue: Queue, videos: number, render: number, patience: number) {
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-bench-'));
  const rig = await startRig();
  const redis = await startRedis({ directory: join(directory, 'redis') });
  let flushing: NodeJS.Timeout | undefined;
  try {
    if (queue === 'absent') await redis.stop();
    if (queue === 'emptied every two seconds') flushing = setInterval(() => flush(redis.url), 2_000);
    const worker = await startApp(
      'worker',
      await workerEnvironment({
        directory,
        databaseUrl: rig.database.url,
        redisUrl: redis.url,
        upstreamUrl: rig.simulator.baseUrl,
        pollIntervalMs: 2_000,
      }),
    );
    const caller = { ...rig.ctx, principal: await seedTeam(rig.database.db) };
    await many(16, videos, (n) =>
      createVideo(
        caller,
        {
          model: 'sora-2',
          prompt: `video ${n} [[sim render_ms=${render}]]`,
          seconds: 4,
          size: '720x1280',
          params: {},
        },
        { idempotencyKey: null, retryCount: 0 },
      ),
    );
    const late = async () =>
      (
        await rig.database.db.$client.query<{ late: number }>(
          `select extract(epoch from stored_at - completed_at)::float8 as late from videos where state = 'stored'`,
        )
      ).rows.map((row) => row.late);
    const giveUpAt = performance.now() + patience * 1_000;
    for (let stored = 0, toldAt = 0; stored < videos && performance.now() < giveUpAt; ) {
      await wait(500);
      stored = (await late()).length;
      if (performance.now() - toldAt < TELL_MS) continue;
      toldAt = performance.now();
      console.error(`Redis ${queue}: ${stored} of ${videos} stored`);
    }
    await worker.stop();
    return { stored: (await late()).length, late: await late() };
  } finally {
    clearInterval(flushing);
    await redis.stop();
    await rig.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function flush(url: string): void {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.end(`AUTH ${password}\r\nFLUSHALL\r\nQUIT\r\n`);
}
