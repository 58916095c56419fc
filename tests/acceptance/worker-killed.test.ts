import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { clientOf, connection, rows, untilCompleted, upstreamIdOf } from './shared-stack.ts';

test('a worker killed while it archives is replaced, and the video is archived and told once', async () => {
  const { pids, simulatorControlURL, objectsDirectory, ...rest } = await connection();
  const client = clientOf(rest);
  // Six seconds for each download: long enough to be killed in, short enough to be waited for again.
  const { id } = await client.videos.create({
    model: 'sora-2',
    prompt: 'A slow river [[sim render_ms=500 content_bytes=3000000 bytes_per_second=500000]]',
    seconds: '4',
  });
  const upstreamId = await upstreamIdOf(id);
  const truth = async () =>
    (await (await fetch(`${simulatorControlURL}/truth/${upstreamId}`)).json()) as {
      content: { video: { bytes: number; sha256: string } | null };
    };
  // The simulator renders the file when the first download of it begins.
  await vi.waitUntil(async () => (await truth()).content.video !== null, { timeout: 20_000, interval: 50 });
  expect(await rows('select state from videos where id = $1', id)).toEqual([{ state: 'archiving' }]);
  process.kill(pids.worker as number, 'SIGKILL');

  await vi.waitUntil(
    async () => {
      const { worker } = (await connection()).pids;
      return worker !== undefined && worker !== pids.worker;
    },
    { timeout: 20_000, interval: 100 },
  );
  await untilCompleted(client, id, 90_000);

  expect(
    await rows("select type from events where video_id = $1 and type = 'video.completed'", id),
  ).toHaveLength(1);
  const assets = await rows('select variant, state, object_key from assets where video_id = $1', id);
  expect(assets.map(({ variant }) => variant).toSorted()).toEqual(['spritesheet', 'thumbnail', 'video']);
  expect(new Set(assets.map(({ state }) => state))).toEqual(new Set(['stored']));

  const stored = await filesOf(join(objectsDirectory as string, 'objects'));
  const keys = assets.map(({ object_key }) => object_key as string);
  expect(stored.filter((file) => file.includes(id)).toSorted()).toEqual(keys.toSorted());

  const { bytes, sha256 } = (await truth()).content.video ?? {};
  const downloaded = await (await client.videos.downloadContent(id)).bytes();
  expect(downloaded.length).toBe(bytes);
  expect(createHash('sha256').update(downloaded).digest('hex')).toBe(sha256);
});

async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
}
