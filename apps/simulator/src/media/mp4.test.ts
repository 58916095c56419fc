import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BufferSource, Input, MP4 } from 'mediabunny';
import { expect, it } from 'vitest';
import { FRAMES_PER_SECOND, renderMp4 } from './mp4.ts';
import { createScene, type SceneSpec } from './scene.ts';

const DECODER = 'ffmpeg';
const hasDecoder = spawnSync(DECODER, ['-version']).status === 0;

function specOf(changes: Partial<SceneSpec> = {}): SceneSpec {
  const text = 'A paper boat drifts down a rainy street';
  return { width: 1280, height: 720, seconds: 4, text, footer: ['sora-2'], seed: text, ...changes };
}

function topLevelBoxes(file: Uint8Array): string[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const types: string[] = [];
  let at = 0;
  while (at < file.length) {
    types.push(String.fromCharCode(...file.subarray(at + 4, at + 8)));
    at += view.getUint32(at);
  }
  expect(at).toBe(file.length);
  return types;
}

it.each([
  [720, 1280, 4],
  [1280, 720, 8],
  [1024, 1792, 4],
  [1792, 1024, 12],
  [1080, 1920, 4],
  [1920, 1080, 20],
])('renders %ix%i of %i seconds with the index first', async (width, height, seconds) => {
  const file = await renderMp4(specOf({ width, height, seconds }));
  expect(topLevelBoxes(file)).toEqual(['ftyp', 'moov', 'mdat']);
  const input = new Input({ formats: [MP4], source: new BufferSource(file) });
  const track = await input.getPrimaryVideoTrack();
  expect(track?.codec).toBe('avc');
  expect(await track?.getCodedWidth()).toBe(width);
  expect(await track?.getCodedHeight()).toBe(height);
  expect(await input.computeDuration()).toBe(seconds);
  expect((await track?.computePacketStats())?.packetCount).toBe(seconds * FRAMES_PER_SECOND);
});

it('renders the same bytes for the same scene, and others for another', async () => {
  const [one, same, other] = await Promise.all(
    [specOf(), specOf(), specOf({ footer: ['sora-2-pro'] })].map(async (spec) =>
      Buffer.from(await renderMp4(spec)),
    ),
  );
  expect(same?.equals(one ?? Buffer.alloc(0))).toBe(true);
  expect(other?.equals(one ?? Buffer.alloc(0))).toBe(false);
});

// A decoder of our own would prove little: this one runs where ffmpeg is installed.
it.skipIf(!hasDecoder)(
  'is decoded by ffmpeg without complaint, and to exactly the pixels of the scene',
  async () => {
    const spec = specOf({ width: 1080, height: 1920 });
    const directory = mkdtempSync(join(tmpdir(), 'simulator-mp4-'));
    try {
      const path = join(directory, 'film.mp4');
      writeFileSync(path, await renderMp4(spec));
      const frame = Math.round(2.5 * FRAMES_PER_SECOND);
      const filter = `select=eq(n\\,${frame})`;
      const { stdout, stderr, status } = spawnSync(
        DECODER,
        ['-v', 'error', '-xerror', '-i', path, '-vf', filter, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'],
        { maxBuffer: 16 * 1024 * 1024 },
      );
      expect(stderr.toString()).toBe('');
      expect(status).toBe(0);
      const { picture, drawAt } = createScene(spec);
      drawAt(frame / FRAMES_PER_SECOND);
      const { width, height } = spec;
      let worst = 0;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const colour = picture.palette[picture.pixels[y * picture.stride + x] ?? 0] ?? [0, 0, 0];
          const [red, green, blue] = colour.map((channel) => channel / 255) as [number, number, number];
          const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
          const off = (at: number, value: number) => Math.abs((stdout[at] ?? 999) - value);
          worst = Math.max(worst, off(y * width + x, 16 + 219 * luma));
          if (x % 2 || y % 2) continue;
          const chroma = width * height + (y / 2) * (width / 2) + x / 2;
          worst = Math.max(worst, off(chroma, 128 + (112 * (blue - luma)) / (1 - 0.0722)));
          worst = Math.max(
            worst,
            off(chroma + (width * height) / 4, 128 + (112 * (red - luma)) / (1 - 0.2126)),
          );
        }
      }
      expect(stdout).toHaveLength((width * height * 3) / 2);
      expect(worst).toBeLessThan(0.51);
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
