import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { archiveVideo, createVideo } from '@reelgate/core';
import { seedTeam, TEST_ACCOUNT } from '@reelgate/testkit';
import { type Benchmark, quantile, spread } from '../report.ts';
import { startRig } from '../rig.ts';

const MEBIBYTE = 2 ** 20;

/** Upstream to object store: counted, hashed, checked as an MP4 and recorded, against a bare copy with a SHA-256. */
export const archive: Benchmark = {
  about: 'a finished video from its upstream into the object store, against a bare stream copy with SHA-256',
  options: { mebibytes: 100, rounds: 7 },
  async run({ mebibytes = 100, rounds = 7 }) {
    const durations: number[] = [];
    const rig = await startRig({
      onLog: (event, fields) => {
        if (event === 'archive.variant' && fields?.variant === 'video')
          durations.push(Number(fields.durationMs));
      },
    });
    try {
      const caller = { ...rig.ctx, principal: await seedTeam(rig.database.db) };
      const upstream = rig.ctx.ports.upstreams(TEST_ACCOUNT);
      if (!upstream) throw new Error('the rig has no upstream');
      const bytes = mebibytes * MEBIBYTE;
      const ours: number[] = [];
      const bare: number[] = [];
      let peakBytes = 0;
      const base = process.memoryUsage().rss;
      const watch = setInterval(() => {
        peakBytes = Math.max(peakBytes, process.memoryUsage().rss - base);
      }, 20);
      for (let round = 0; round < rounds; round++) {
        const prompt = `round ${round} [[sim content_bytes=${bytes}]]`;
        const { video } = await createVideo(
          caller,
          { model: 'sora-2', prompt, seconds: 4, size: '720x1280', params: {} },
          { idempotencyKey: null, retryCount: 0 },
        );
        const { upstream_id } = await rig.drive(video.id, ['archiving']);
        if (upstream_id === null) throw new Error('the video has no upstream id');
        // Rendered by the first look, so that neither of the two pays for it.
        await copy(rig.ctx.ports.objects, upstream, upstream_id, `bench/warm/${round}`);
        const startedAt = performance.now();
        await copy(rig.ctx.ports.objects, upstream, upstream_id, `bench/copy/${round}`);
        bare.push(mebibytes / ((performance.now() - startedAt) / 1_000));
        await archiveVideo(rig.ctx, video.id);
        const durationMs = durations.at(-1);
        if (durationMs === undefined || (await rig.facts(video.id)).state !== 'stored')
          throw new Error('a run failed');
        ours.push(mebibytes / (durationMs / 1_000));
      }
      clearInterval(watch);
      const ratio = quantile(ours) / quantile(bare);
      return {
        title: `Archiving a video of ${mebibytes} MiB, ${rounds} rounds, MiB/s: median (least–most)`,
        columns: ['', 'MiB/s', 'ratio'],
        rows: [
          ['bare copy with SHA-256', spread(bare), '1.00'],
          ['archived (length, SHA-256, MP4 structure, row)', spread(ours), ratio.toFixed(2)],
        ],
        notes: [
          `Goal: at least 0.5. Memory above the start, at most: ${(peakBytes / MEBIBYTE).toFixed(0)} MiB.`,
        ],
      };
    } finally {
      await rig.close();
    }
  },
};

type Rig = Awaited<ReturnType<typeof startRig>>;

async function copy(
  objects: Rig['ctx']['ports']['objects'],
  upstream: NonNullable<ReturnType<Rig['ctx']['ports']['upstreams']>>,
  id: string,
  key: string,
): Promise<void> {
  const opened = await upstream.open({ id }, 'video');
  if (opened.kind !== 'stream') throw new Error(`the upstream answered ${opened.kind}`);
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await objects.put(key, opened.body.pipe(hashing), { contentType: 'video/mp4' });
  hash.digest();
  await objects.delete(key);
}
