/** Boxes looked at, at most: a film of an hour in fragments of two seconds has fewer. */
const MAX_BOXES = 4_096;
/** Of one read. Many small boxes lie in one of these. */
const WINDOW_BYTES = 64 * 1024;

/**
 * What makes it certain that nobody can play this MP4, in words that follow "the video"; null where that is not certain. Looks at
 * the outermost boxes only: there must be a whole `moov`, and media that is not cut off. Source: ISO/IEC 14496-12, section 4.2.
 * `read` gives up to `length` bytes at `offset`.
 */
export async function mp4Damage(
  read: (offset: number, length: number) => Promise<Buffer>,
  bytes: number,
): Promise<string | null> {
  let window: Buffer = Buffer.alloc(0);
  let windowAt = 0;
  const headAt = async (at: number) => {
    if (at < windowAt || at + 16 > windowAt + window.length) {
      window = await read(at, WINDOW_BYTES);
      windowAt = at;
    }
    return window.subarray(at - windowAt, at - windowAt + 16);
  };

  const whole = new Set<string>();
  let at = 0;
  for (let boxes = 0; at + 8 <= bytes; boxes++) {
    if (isPlayable(whole)) return null;
    if (boxes === MAX_BOXES) return 'consists of too many pieces';
    const head = await headAt(at);
    const type = head.toString('latin1', 4, 8);
    let size = head.readUInt32BE(0);
    if (size === 0) size = bytes - at;
    else if (size === 1) size = head.length < 16 ? 0 : Number(head.readBigUInt64BE(8));
    if (size < 8) return 'has a piece of an impossible length';
    if (at + size > bytes) return 'is cut off';
    whole.add(type);
    at += size;
  }
  return isPlayable(whole) ? null : 'lacks its index or its content';
}

function isPlayable(whole: ReadonlySet<string>): boolean {
  return whole.has('moov') && (whole.has('mdat') || whole.has('moof'));
}
