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

/** Many renders at once on an upstream that lists, looked at by one worker process while some of them end. */
export const polling: Benchmark = {
  about:
    'videos in flight on a listing upstream: its calls a minute, the worker, Redis, and from completion to stored',
  options: { videos: 10_000, ending: 60, seconds: 60, interval: 5_000 },
  async run({ videos = 10_000, ending = 60, seconds = 60, interval = 5_000 }) {
    const directory = await mkdtemp(join(tmpdir(), 'reelgate-bench-'));
    const rig = await startRig();
    const redis =
      (await embeddedAvailability()).redis === true
        ? await startRedis({ directory: join(directory, 'redis') })
        : null;
    const truth = async () =>
      ((await rig.simulator.control('GET', 'truth')) as { requests: { counts: Record<string, number> } })
        .requests.counts;
    try {
      const caller = { ...rig.ctx, principal: await seedTeam(rig.database.db) };
      const create = async (prompt: string) =>
        await createVideo(
          caller,
          { model: 'sora-2', prompt, seconds: 4, size: '720x1280', params: {} },
          { idempotencyKey: null, retryCount: 0 },
        );
      await many(32, videos - ending, (n) => create(`video ${n} [[sim stuck]]`));
      const worker = await startApp(
        'worker',
        await workerEnvironment({
          directory,
          databaseUrl: rig.database.url,
          redisUrl: redis?.url,
          upstreamUrl: rig.simulator.baseUrl,
          pollIntervalMs: interval,
        }),
      );
      // The first turn tells every row its progress; what is measured is what goes on.
      await wait(interval * 2);
      const before = await truth();
      const cpuBefore = await worker.cpuSeconds();
      const startedAt = performance.now();
      const ids: string[] = [];
      await many(4, ending, async (n) => {
        // Spread over the first three quarters of the time.
        const { video } = await create(
          `ending ${n} [[sim render_ms=${2_000 + Math.round((n / ending) * 1_000)}]]`,
        );
        ids.push(video.id);
        await wait(((seconds * 750) / ending) * 4);
      });
      await wait(Math.max(0, seconds * 1_000 - (performance.now() - startedAt)));
      const elapsedMinutes = (performance.now() - startedAt) / 60_000;
      const cpu = ((await worker.cpuSeconds()) - cpuBefore) / (elapsedMinutes * 60);
      const after = await truth();
      const calls = (operation: string) =>
        (((after[operation] ?? 0) - (before[operation] ?? 0)) / elapsedMinutes).toFixed(0);
      const memory = redis ? await redisMemory(redis.url) : null;
      const resident = await worker.residentBytes();
      const { rows } = await rig.database.db.$client.query<{ late: number }>(
        `select extract(epoch from stored_at - completed_at)::float8 as late from videos where id = any($1) and state = 'stored'`,
        [ids],
      );
      const late = rows.map((row) => row.late);
      const turns = worker.lines.filter(
        ({ event, pageCount }) => event === 'poll.account' && Number(pageCount) > 0,
      );
      const turnSeconds = turns.slice(1).map(({ durationMs }) => Number(durationMs) / 1_000);
      await worker.stop();
      return {
        title: `${videos} videos in flight on one listing upstream, looked at every ${interval / 1000} s, for ${seconds} s`,
        columns: ['', 'measured', 'goal'],
        rows: [
          [
            'list calls a minute',
            calls('list'),
            `at most ${((videos / 100) * (60_000 / interval)).toFixed(0)}`,
          ],
          ['single looks a minute', calls('retrieve'), ''],
          [
            'a turn at the list, p50 and longest',
            `${quantile(turnSeconds).toFixed(1)} s, ${Math.max(...turnSeconds).toFixed(1)} s`,
            `under ${(interval / 1_000).toFixed(0)} s`,
          ],
          ['CPU of the worker, of one core', `${(cpu * 100).toFixed(0)} %`, 'under 50 % at 100,000'],
          ['memory of the worker', `${(resident / 2 ** 20).toFixed(0)} MiB`, ''],
          ['memory of Redis', memory ?? 'no Redis here', ''],
          [`stored of the ${ids.length} that ended`, String(late.length), 'all but the last'],
          ['from completion to stored, p50', `${quantile(late).toFixed(1)} s`, 'under 5 s'],
          ['from completion to stored, p99', `${quantile(late, 0.99).toFixed(1)} s`, ''],
        ],
        notes: ["Completion times are the upstream's own, in whole seconds."],
      };
    } finally {
      await redis?.stop();
      await rig.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function redisMemory(url: string): Promise<string> {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`AUTH ${password}\r\nINFO memory\r\nQUIT\r\n`);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return /used_memory_human:(\S+)/.exec(answer)?.[1] ?? 'unknown';
}
