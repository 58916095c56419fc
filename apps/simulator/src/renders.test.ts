import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createRenders, type Renders } from './renders.ts';
import { createVideosStore } from './videos-store.ts';

let renders: Renders;
afterEach(async () => await renders.close());

const request = { prompt: 'A boat', model: 'sora-2', seconds: '4', size: '720x1280', inputReference: null };

it('renders once for all who ask, and removes its directory', async () => {
  renders = createRenders(undefined);
  const video = createVideosStore().add(request, {}, 0);
  const [one, two] = await Promise.all([renders.get(video, 'video'), renders.get(video, 'video')]);
  expect(two).toBe(one);
  expect(await readFile(one.path)).toHaveLength(one.bytes);
  await renders.close();
  expect(existsSync(dirname(one.path))).toBe(false);
});

it('makes room on the disk, and renders the same bytes again', async () => {
  renders = createRenders(undefined, 1);
  const store = createVideosStore();
  const [first, second] = [store.add(request, {}, 0), store.add(request, {}, 0)];
  const before = await renders.get(first, 'thumbnail');
  await renders.get(second, 'thumbnail');
  expect(existsSync(before.path)).toBe(false);
  expect(renders.known(first, 'thumbnail')?.sha256).toBe(before.sha256);
  const again = await renders.get(first, 'thumbnail');
  expect(again.sha256).toBe(before.sha256);
  expect(existsSync(again.path)).toBe(true);
});
