import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { VariantMaker } from '@reelgate/core/ports';
import { findFfmpeg } from './find-ffmpeg.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import { inspection, readDurationSeconds, spritesheet, thumbnail } from './stills.ts';

const STILLS = {
  thumbnail: { contentType: 'image/webp', attempts: thumbnail },
  spritesheet: { contentType: 'image/jpeg', attempts: spritesheet },
} as const;

export interface FfmpegVariantMakerOptions {
  /** Where a video is kept while it is read; the system's own by default. */
  readonly temporaryDirectory?: string;
  /** By default the one on the PATH, else the one that comes as an npm package. */
  readonly ffmpegPath?: string;
  /** A longer video throws. */
  readonly maxVideoBytes?: number;
  /** For one still, from the whole video on; then ffmpeg is killed and it throws. */
  readonly timeoutMs?: number;
}

/** Makes stills by running ffmpeg on a temporary copy of the video, which an MP4 needs: its index may be at its end. */
export function createFfmpegVariantMaker(options: FfmpegVariantMakerOptions = {}): VariantMaker {
  const {
    temporaryDirectory = tmpdir(),
    ffmpegPath,
    maxVideoBytes = 1024 * 1024 * 1024,
    timeoutMs = 60_000,
  } = options;
  let found: Promise<string> | undefined;

  function ffmpeg(): Promise<string> {
    if (ffmpegPath !== undefined) return Promise.resolve(ffmpegPath);
    found ??= findFfmpeg().catch((error: unknown) => {
      // It may be installed later.
      found = undefined;
      throw error;
    });
    return found;
  }

  async function spool(video: Readable, file: string, signal: AbortSignal | undefined): Promise<void> {
    let bytes = 0;
    async function* bounded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > maxVideoBytes) throw new Error(`the video is longer than ${maxVideoBytes} bytes`);
        yield chunk;
      }
    }
    const sink = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    await pipeline(video, bounded, sink, signal ? { signal } : {});
  }

  return {
    async make(variant, video, signal) {
      let directory: string | undefined;
      try {
        const path = await ffmpeg();
        directory = await mkdtemp(join(temporaryDirectory, 'reelgate-variant-'));
        const file = join(directory, 'video.mp4');
        await spool(video, file, signal);

        const timeout = AbortSignal.timeout(timeoutMs);
        const limit = signal ? AbortSignal.any([signal, timeout]) : timeout;
        const { stderr: printed } = await runFfmpeg(path, inspection(file), limit);
        const durationSeconds = readDurationSeconds(printed);
        if (durationSeconds === null)
          throw new Error('the video cannot be read', { cause: new Error(printed) });

        const still = STILLS[variant];
        let complaint = '';
        for (const attempt of still.attempts(file, durationSeconds)) {
          const { exitCode, stdout, stderr } = await runFfmpeg(path, attempt, limit);
          if (exitCode === 0 && stdout.length > 0) return { body: stdout, contentType: still.contentType };
          complaint = stderr;
        }
        throw new Error(`no ${variant} could be made of the video`, { cause: new Error(complaint) });
      } catch (error) {
        video.destroy();
        throw signal?.aborted ? signal.reason : error;
      } finally {
        if (directory !== undefined) await rm(directory, { recursive: true, force: true });
      }
    },
  };
}
