import { runFfmpeg } from './run-ffmpeg.ts';

const PROBE_TIMEOUT_MS = 10_000;

/** The first ffmpeg that can write WebP and JPEG: the one on the PATH, else the one that comes as an npm package. */
export async function findFfmpeg(): Promise<string> {
  if (await canMakeStills('ffmpeg')) return 'ffmpeg';
  const packaged = await packagedFfmpeg();
  if (packaged !== undefined && (await canMakeStills(packaged))) return packaged;
  throw new Error('no ffmpeg with the encoders libwebp and mjpeg was found');
}

async function canMakeStills(path: string): Promise<boolean> {
  try {
    const { stdout } = await runFfmpeg(path, ['-encoders'], AbortSignal.timeout(PROBE_TIMEOUT_MS));
    const encoders = stdout.toString();
    return [/ libwebp /, / mjpeg /].every((encoder) => encoder.test(encoders));
  } catch {
    return false;
  }
}

async function packagedFfmpeg(): Promise<string | undefined> {
  try {
    // Looks for its binary when it is loaded, and throws where this platform has none.
    const installer = await import('@ffmpeg-installer/ffmpeg');
    return installer.default.path;
  } catch {
    return undefined;
  }
}
