import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { afterEach, expect, it } from 'vitest';
import { parseCreate } from './body.ts';
import { footageOf, orderCreate, orderExtension, orderVariation } from './orders.ts';
import { createRenders, lineageOf, type Renders } from './renders.ts';
import { createVideosStore, type Video } from './videos-store.ts';

let renders: Renders;
afterEach(async () => await renders.close());

const order = orderCreate(parseCreate({ prompt: 'A boat' }));

it('renders once for all who ask, and removes its directory', async () => {
  renders = createRenders(undefined);
  const video = createVideosStore().add(order, {}, 0);
  const [one, two] = await Promise.all([renders.get(video, 'video'), renders.get(video, 'video')]);
  expect(two).toBe(one);
  expect(await readFile(one.path)).toHaveLength(one.bytes);
  await renders.close();
  expect(existsSync(dirname(one.path))).toBe(false);
});

it('makes room on the disk, and renders the same bytes again', async () => {
  renders = createRenders(undefined, { diskBytes: 1 });
  const store = createVideosStore();
  const [first, second] = [store.add(order, {}, 0), store.add(order, {}, 0)];
  const before = await renders.get(first, 'thumbnail');
  await renders.get(second, 'thumbnail');
  expect(existsSync(before.path)).toBe(false);
  expect(renders.known(first, 'thumbnail')?.sha256).toBe(before.sha256);
  const again = await renders.get(first, 'thumbnail');
  expect(again.sha256).toBe(before.sha256);
  expect(existsSync(again.path)).toBe(true);
});

it('shows from what a video was made, in the colours of its source', async () => {
  const store = createVideosStore();
  const source = store.add(order, {}, 0);
  const remix = store.add(orderVariation('remix', 'A ship', footageOf(source)), {}, 0);
  const extension = store.add(orderExtension('A ship', 8, footageOf(remix)), {}, 0);
  expect(lineageOf(source)).toEqual([]);
  expect(lineageOf(remix)).toEqual([`remix of ${source.id.slice(-6)}`]);
  expect(lineageOf(extension)).toEqual([`extend of ${remix.id.slice(-6)} +8s`]);

  renders = createRenders(undefined);
  const corner = async (video: Video) => {
    const { path } = await renders.get(video, 'thumbnail');
    const pixel = sharp(path).extract({ left: 0, top: 0, width: 1, height: 1 });
    return [...(await pixel.removeAlpha().raw().toBuffer())];
  };
  const distance = async (one: Video, other: Video) => {
    const [left, right] = [await corner(one), await corner(other)];
    return Math.max(...left.map((channel, index) => Math.abs(channel - (right[index] ?? Number.NaN))));
  };
  const stranger = store.add(orderCreate(parseCreate({ prompt: 'A ship' })), {}, 0);
  // A lossy picture: the same colour is a little off.
  expect(await distance(extension, source)).toBeLessThan(8);
  expect(await distance(stranger, source)).toBeGreaterThan(16);
});
