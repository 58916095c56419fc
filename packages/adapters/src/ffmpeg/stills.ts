/** What ffmpeg is told for each still: a list of attempts, each for where the one before gave nothing. */

const THUMBNAIL_AT_SECONDS = 1;
const THUMBNAIL_MAX_WIDTH = 1280;
const SHEET_COLUMNS = 5;
const SHEET_ROWS = 2;
const SHEET_FRAME_WIDTH = 320;
/** A frame larger than 8192 x 8192 is an attack on our memory. */
const MAX_PIXELS = 8192 * 8192;
/** Seconds of processor time after which ffmpeg ends by itself, even where we are gone. */
const MAX_PROCESSOR_SECONDS = 60;

/** Reads a local MP4 and nothing else: no playlist, no address inside the file is followed. */
function input(file: string, seekSeconds = 0): string[] {
  return [
    ...['-v', 'error', '-timelimit', String(MAX_PROCESSOR_SECONDS)],
    ...['-protocol_whitelist', 'file', '-f', 'mov', '-max_pixels', String(MAX_PIXELS)],
    ...['-ss', seekSeconds.toFixed(3), '-i', `file:${file}`],
  ];
}

/** Prints a line with the duration, and fails for want of an output. */
export function inspection(file: string): string[] {
  return [...input(file), '-v', 'info'];
}

/** From what `inspection` printed; null where there is none. */
export function readDurationSeconds(printed: string): number | null {
  const found = /Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(printed);
  if (!found) return null;
  const [, hours, minutes, seconds] = found.map(Number);
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** The frame a second into the video, or in the middle of a shorter one; the first, where none begins after that. */
export function thumbnail(file: string, durationSeconds: number): string[][] {
  const scale = `scale=w='min(${THUMBNAIL_MAX_WIDTH},iw)':h=-2`;
  return [Math.min(THUMBNAIL_AT_SECONDS, durationSeconds / 2), 0].map((seekSeconds) => [
    ...input(file, seekSeconds),
    ...oneFrame(scale),
    ...['-c:v', 'libwebp', '-quality', '80', '-f', 'image2pipe', 'pipe:1'],
  ]);
}

/**
 * Ten frames, each from the middle of a tenth of the video. The frame rate is first changed to a hundred frames for the
 * whole of it, which repeats or drops frames as needed, so that every tenth one exists for any duration and rate.
 */
export function spritesheet(file: string, durationSeconds: number): string[][] {
  const frames = SHEET_COLUMNS * SHEET_ROWS;
  const rate = `fps=${frames * 10 * 1000}/${Math.max(1, Math.round(durationSeconds * 1000))}`;
  const every = `select='eq(mod(n,10),5)'`;
  const sheet = `${rate},${every},scale=${SHEET_FRAME_WIDTH}:-2,tile=${SHEET_COLUMNS}x${SHEET_ROWS}`;
  return [
    [
      ...input(file),
      ...oneFrame(sheet),
      ...['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '4', '-f', 'image2pipe', 'pipe:1'],
    ],
  ];
}

function oneFrame(filter: string): string[] {
  return ['-map', '0:v:0', '-an', '-sn', '-dn', '-vf', filter, '-frames:v', '1'];
}
