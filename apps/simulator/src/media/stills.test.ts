import sharp from 'sharp';
import { expect, it } from 'vitest';
import { createScene } from './scene.ts';
import { renderSpritesheet, renderThumbnail } from './stills.ts';

const spec = { width: 1280, height: 720, seconds: 8, text: 'A boat', footer: ['sora-2'], seed: 'A boat' };

it('renders a thumbnail of the same picture', async () => {
  const thumbnail = sharp(await renderThumbnail(spec));
  expect(await thumbnail.metadata()).toMatchObject({ format: 'webp', width: 640, height: 360 });
  const corner = await thumbnail
    .extract({ left: 0, top: 0, width: 1, height: 1 })
    .removeAlpha()
    .raw()
    .toBuffer();
  const [expected = [0, 0, 0]] = createScene(spec).picture.palette;
  for (const channel of [0, 1, 2] as const) {
    expect(Math.abs((corner[channel] ?? 0) - expected[channel])).toBeLessThan(8);
  }
});

it('renders ten moments on a sheet, each with another time on its clock', async () => {
  const sheet = await renderSpritesheet(spec);
  expect(await sharp(sheet).metadata()).toMatchObject({ format: 'jpeg', width: 1600, height: 360 });
  const tiles = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const [left, top] = [(index % 5) * 320, Math.floor(index / 5) * 180];
      return await sharp(sheet).extract({ left, top, width: 320, height: 180 }).png().toBuffer();
    }),
  );
  expect(new Set(tiles.map((tile) => tile.toString('base64'))).size).toBe(10);
});
