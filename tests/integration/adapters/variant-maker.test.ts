import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createFfmpegVariantMaker, type FfmpegVariantMakerOptions } from '@reelgate/adapters/ffmpeg';
import type { VariantMaker } from '@reelgate/core/ports';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { failingStream, KIB, randomContent, stallingStream, streamOf } from './object-store-bodies.ts';

const packaged: string = createRequire(import.meta.resolve('@reelgate/adapters/ffmpeg'))(
  '@ffmpeg-installer/ffmpeg',
).path;

const hasOnPath = ((): boolean => {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

interface Clip {
  readonly size: string;
  readonly seconds: number;
  readonly rate?: number;
  readonly flags?: string[];
}

/** An MP4 that grows from black to white over its whole duration. */
function film(file: string, { size, seconds, rate = 24, flags = [] }: Clip): void {
  const grey = `color=black:size=64x64:rate=${rate}:duration=${seconds},geq=lum='16+219*T/${seconds}':cb=128:cr=128`;
  const [width, height] = size.split('x');
  const picture = `${grey},scale=${width}:${height}`;
  const output = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...flags, file];
  execFileSync(packaged, ['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, ...output]);
}

/** The brightness (the green of it), 0 to 255, of each cell when a still is cut into `columns` by `rows`. */
function brightness(file: string, columns: number, rows: number): number[] {
  const scale = `scale=${columns}:${rows}:flags=area`;
  const args = ['-v', 'error', '-i', file, '-vf', scale, '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'];
  return [...execFileSync(packaged, args)].filter((_value, index) => index % 3 === 1);
}

function webpSize(still: Buffer): string {
  expect(still.toString('latin1', 0, 4) + still.toString('latin1', 8, 16)).toBe('RIFFWEBPVP8 ');
  expect(still.readUInt32LE(4)).toBe(still.length - 8);
  return `${still.readUInt16LE(26) & 0x3fff}x${still.readUInt16LE(28) & 0x3fff}`;
}

function jpegSize(still: Buffer): string {
  expect(still.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  expect(still.subarray(-2)).toEqual(Buffer.from([0xff, 0xd9]));
  let at = 2;
  // Segments up to the one that describes the frame.
  while (still[at + 1] !== 0xc0) at += 2 + still.readUInt16BE(at + 2);
  return `${still.readUInt16BE(at + 7)}x${still.readUInt16BE(at + 5)}`;
}

describe('stills made by ffmpeg', () => {
  let directory: string;
  let temporaryDirectory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'reelgate-stills-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));
  beforeEach(async () => {
    temporaryDirectory = await mkdtemp(join(directory, 'temporary-'));
  });
  // Whatever happened, nothing is left behind.
  afterEach(async () => {
    vi.unstubAllEnvs();
    expect(await readdir(temporaryDirectory)).toEqual([]);
  });

  const createMaker = (options: FfmpegVariantMakerOptions = {}): VariantMaker =>
    createFfmpegVariantMaker({ temporaryDirectory, ffmpegPath: packaged, ...options });

  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  describe.each([
    { name: 'that comes as a package', ffmpegPath: packaged, absent: false },
    {
      name: hasOnPath ? 'on the PATH' : 'on the PATH (this machine has none)',
      ffmpegPath: 'ffmpeg',
      absent: !hasOnPath,
    },
  ])('with the ffmpeg $name', ({ ffmpegPath, absent }) => {
    it.skipIf(absent).each<[string, Clip, string, string]>([
      ['a landscape', { size: '1280x720', seconds: 4 }, '1280x720', '1600x360'],
      ['a portrait', { size: '720x1280', seconds: 12 }, '720x1280', '1600x1136'],
      ['a large one', { size: '2560x1440', seconds: 3 }, '1280x720', '1600x360'],
      ['a small one', { size: '320x180', seconds: 20 }, '320x180', '1600x360'],
      ['30 frames a second', { size: '640x360', seconds: 8, rate: 30 }, '640x360', '1600x360'],
      ['a slow one', { size: '640x360', seconds: 10, rate: 4 }, '640x360', '1600x360'],
      [
        'one with its index in front',
        { size: '640x360', seconds: 4, flags: ['-movflags', '+faststart'] },
        '640x360',
        '1600x360',
      ],
      [
        'one in fragments',
        { size: '640x360', seconds: 4, flags: ['-movflags', 'frag_keyframe+empty_moov'] },
        '640x360',
        '1600x360',
      ],
    ])('takes both from %s', async (_name, clip, thumbnailSize, sheetSize) => {
      const file = join(directory, 'film.mp4');
      film(file, clip);
      const maker = createMaker({ ffmpegPath });

      const thumbnail = await maker.make('thumbnail', createReadStream(file));
      expect(thumbnail.contentType).toBe('image/webp');
      expect(webpSize(thumbnail.body)).toBe(thumbnailSize);
      const thumbnailFile = join(directory, 'thumbnail.webp');
      await writeFile(thumbnailFile, thumbnail.body);
      const [grey = 0] = brightness(thumbnailFile, 1, 1);
      expect(Math.abs(grey - 255 / clip.seconds)).toBeLessThan(12);

      const sheet = await maker.make('spritesheet', createReadStream(file));
      expect(sheet.contentType).toBe('image/jpeg');
      expect(jpegSize(sheet.body)).toBe(sheetSize);
      const sheetFile = join(directory, 'sheet.jpg');
      await writeFile(sheetFile, sheet.body);
      const cells = brightness(sheetFile, 5, 2);
      expect(cells).toHaveLength(10);
      for (const [index, cell] of cells.entries())
        expect(Math.abs(cell - 25.5 * (index + 0.5))).toBeLessThan(12);
    });

    it.skipIf(absent)('takes both from a single frame', async () => {
      const file = join(directory, 'frame.mp4');
      film(file, { size: '640x360', seconds: 0.04, rate: 25 });
      const maker = createMaker({ ffmpegPath });
      expect(webpSize((await maker.make('thumbnail', createReadStream(file))).body)).toBe('640x360');
      expect(jpegSize((await maker.make('spritesheet', createReadStream(file))).body)).toBe('1600x360');
    });

    it.skipIf(absent).each([
      ['noise', randomContent(100 * KIB)],
      ['nothing', Buffer.alloc(0)],
      ['a list that names a file', Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n')],
      ['a script of files', Buffer.from("ffconcat version 1.0\nfile '/etc/hostname'\n")],
    ])('throws for %s', async (_name, content) => {
      const maker = createMaker({ ffmpegPath });
      for (const variant of ['thumbnail', 'spritesheet'] as const) {
        const error: Error = await maker.make(variant, streamOf(content)).then(
          () => Promise.reject(new Error('it made something')),
          (failure: Error) => failure,
        );
        expect(error.message).toBe('the video cannot be read');
        expect(error.cause).toBeInstanceOf(Error);
      }
    });

    it.skipIf(absent)('throws for a video that is cut short', async () => {
      const file = join(directory, 'whole.mp4');
      film(file, { size: '640x360', seconds: 4 });
      const whole = await readFile(file);
      const cut = whole.subarray(0, whole.length / 2);
      await expect(createMaker({ ffmpegPath }).make('thumbnail', streamOf(cut))).rejects.toThrow();
    });
  });

  it('passes on the failure of the video itself', async () => {
    const error = new Error('the store hung up');
    const video = failingStream(randomContent(300 * KIB), error);
    await expect(createMaker().make('thumbnail', video)).rejects.toBe(error);
  });

  it('stops reading a video that is too long', async () => {
    const video = streamOf(randomContent(1000 * KIB));
    const making = createMaker({ maxVideoBytes: 200 * KIB }).make('thumbnail', video);
    await expect(making).rejects.toThrow(`longer than ${200 * KIB} bytes`);
    expect(video.destroyed).toBe(true);
  });

  it('gives up while the video is still coming', async () => {
    const abort = new AbortController();
    const { stream, given } = stallingStream(randomContent(300 * KIB));
    const settled = expect(createMaker().make('thumbnail', stream, abort.signal)).rejects.toThrow('stop it');
    await given;
    abort.abort(new Error('stop it'));
    await settled;
    expect(stream.destroyed).toBe(true);
  });

  /** Stands in for an ffmpeg that never ends; tells its process id and environment. */
  async function endlessFfmpeg(): Promise<{
    ffmpegPath: string;
    pid(): Promise<number>;
    environment: string;
  }> {
    const place = await mkdtemp(join(directory, 'endless-'));
    const ffmpegPath = join(place, 'ffmpeg');
    const script = `#!/bin/sh\nenv > ${place}/environment\necho $$ > ${place}/pid\nexec sleep 1000\n`;
    await writeFile(ffmpegPath, script, { mode: 0o755 });
    const pid = (): Promise<number> =>
      vi.waitFor(async () => {
        const written = Number(await readFile(join(place, 'pid'), 'utf8'));
        expect(written).toBeGreaterThan(0);
        return written;
      }, 10_000);
    return { ffmpegPath, pid, environment: join(place, 'environment') };
  }

  it('kills ffmpeg when it is aborted, and only then settles', async () => {
    vi.stubEnv('SECRET_OF_THIS_TEST', 'not for ffmpeg');
    const { ffmpegPath, pid, environment } = await endlessFfmpeg();
    const abort = new AbortController();
    const making = createMaker({ ffmpegPath }).make('thumbnail', Readable.from(['x']), abort.signal);
    const settled = expect(making).rejects.toThrow('stop it');
    const child = await pid();
    expect(alive(child)).toBe(true);
    abort.abort(new Error('stop it'));
    await settled;
    expect(alive(child)).toBe(false);
    expect(await readFile(environment, 'utf8')).not.toContain('SECRET_OF_THIS_TEST');
  });

  it('kills an ffmpeg that takes too long', async () => {
    const { ffmpegPath, pid } = await endlessFfmpeg();
    const making = createMaker({ ffmpegPath, timeoutMs: 500 }).make('spritesheet', Readable.from(['x']));
    await expect(making).rejects.toThrow('timeout');
    expect(alive(await pid())).toBe(false);
  });

  it('says so where the named ffmpeg does not exist', async () => {
    const maker = createMaker({ ffmpegPath: join(directory, 'no-ffmpeg') });
    await expect(maker.make('thumbnail', Readable.from(['x']))).rejects.toThrow('ENOENT');
  });

  it.each([
    ['cannot write WebP', 'echo " V..... mjpeg  MJPEG"'],
    ['does not work', 'exit 1'],
  ])('uses the packaged one where the one on the PATH %s', async (_name, command) => {
    const path = join(directory, 'path');
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'ffmpeg'), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    const file = join(directory, 'fallback.mp4');
    film(file, { size: '320x180', seconds: 2 });
    vi.stubEnv('PATH', path);
    const maker = createFfmpegVariantMaker({ temporaryDirectory });
    const { body } = await maker.make('thumbnail', createReadStream(file));
    vi.unstubAllEnvs();
    expect(webpSize(body)).toBe('320x180');
  });

  it('makes several at a time', async () => {
    const file = join(directory, 'several.mp4');
    film(file, { size: '640x360', seconds: 4 });
    const maker = createMaker();
    const stills = await Promise.all(
      Array.from({ length: 4 }, () => maker.make('thumbnail', createReadStream(file))),
    );
    for (const { body } of stills) expect(body.equals(stills[0]?.body ?? Buffer.alloc(0))).toBe(true);
  });
});
