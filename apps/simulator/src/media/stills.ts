import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import { createScene, type Picture, type SceneSpec } from './scene.ts';

const THUMBNAIL_EDGE = 640;
const SHEET_COLUMNS = 5;
const SHEET_ROWS = 2;
const TILE_EDGE = 320;

/** The middle of the film as a WebP, its longer edge at most 640 pixels. */
export async function renderThumbnail(spec: SceneSpec): Promise<Uint8Array> {
  const scene = createScene(spec);
  scene.drawAt(spec.seconds / 2);
  return await frame(scene.picture, THUMBNAIL_EDGE).webp({ quality: 80 }).toBuffer();
}

/** Ten moments of the film, evenly apart, as one JPEG of five by two tiles. */
export async function renderSpritesheet(spec: SceneSpec): Promise<Uint8Array> {
  const scene = createScene(spec);
  const scale = TILE_EDGE / Math.max(spec.width, spec.height);
  const tile = { width: Math.round(spec.width * scale), height: Math.round(spec.height * scale) };
  const count = SHEET_COLUMNS * SHEET_ROWS;
  const tiles: OverlayOptions[] = [];
  for (let index = 0; index < count; index++) {
    scene.drawAt((spec.seconds * index) / count);
    tiles.push({
      input: await frame(scene.picture, TILE_EDGE).raw().toBuffer(),
      raw: { ...tile, channels: 3 },
      left: (index % SHEET_COLUMNS) * tile.width,
      top: Math.floor(index / SHEET_COLUMNS) * tile.height,
    });
  }
  const sheet = { width: tile.width * SHEET_COLUMNS, height: tile.height * SHEET_ROWS };
  return await sharp({ create: { ...sheet, channels: 3, background: 'black' } })
    .composite(tiles)
    .jpeg({ quality: 82 })
    .toBuffer();
}

function frame(picture: Picture, longerEdge: number): Sharp {
  const { width, height } = picture;
  const fit = width > height ? { width: longerEdge } : { height: longerEdge };
  return sharp(toRgb(picture), { raw: { width, height, channels: 3 } }).resize({
    ...fit,
    withoutEnlargement: true,
  });
}

function toRgb({ width, height, stride, pixels, palette }: Picture): Uint8Array {
  const colours = Uint8Array.from(palette.flat());
  const rgb = new Uint8Array(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = (pixels[y * stride + x] ?? 0) * 3;
      rgb[at++] = colours[colour] ?? 0;
      rgb[at++] = colours[colour + 1] ?? 0;
      rgb[at++] = colours[colour + 2] ?? 0;
    }
  }
  return rgb;
}
