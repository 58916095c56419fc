import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BufferSource, Input, MP4 } from 'mediabunny';
import { expect, it } from 'vitest';
import { FRAMES_PER_SECOND, renderMp4 } from './mp4.ts';
import { createScene, type SceneSpec } from './scene.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

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
it.skipIf(!hasFfmpeg)(
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
        'ffmpeg',
        ['-v', 'error', '-xerror', '-i', path, '-vf', filter, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'],
        { maxBuffer: 16 * 1024 * 1024 },
      );
      expect(stderr.toString()).toBe('');
      expect(status).toBe(0);
      const luma = stdout.subarray(0, spec.width * spec.height);

      const { picture, drawAt } = createScene(spec);
      drawAt(frame / FRAMES_PER_SECOND);
      const expected = Buffer.alloc(luma.length);
      for (let y = 0; y < spec.height; y++) {
        for (let x = 0; x < spec.width; x++) {
          const [red, green, blue] = picture.palette[picture.pixels[y * picture.stride + x] ?? 0] ?? [
            0, 0, 0,
          ];
          const value = 16 + (219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue)) / 255;
          expected[y * spec.width + x] = Math.round(value);
        }
      }
      expect(luma.equals(expected)).toBe(true);
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
