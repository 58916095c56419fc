/**
 * What an MP4 says of itself: how long it is and how large its picture. Reads box headers and two small boxes only, so that no
 * file, however hostile, costs more than a few reads. Source: ISO/IEC 14496-12, sections 4.2, 8.2.2 and 8.3.2.
 */

/** Boxes looked at, at most, over all levels. */
const MAX_BOXES = 256;
/** The longest `mvhd` or `tkhd` has 112 bytes. */
const HEADER_BOX_MAX_BYTES = 128;

export interface Mp4Facts {
  readonly seconds: number;
  /** `<width>x<height>` of the first track that has a picture; null where none says so. */
  readonly size: string | null;
}

interface Box {
  readonly type: string;
  /** Offset of the body in the file, and of the first byte after it. */
  readonly start: number;
  readonly end: number;
}

/** Null where the file is no MP4 or does not say how long it is. `read` gives up to `length` bytes at `offset`. */
export async function probeMp4(
  read: (offset: number, length: number) => Promise<Buffer>,
  bytes: number,
): Promise<Mp4Facts | null> {
  let left = MAX_BOXES;

  async function* boxes(start: number, end: number): AsyncGenerator<Box> {
    for (let at = start; at + 8 <= end && left-- > 0; ) {
      const header = await read(at, 16);
      if (header.length < 8) return;
      let size = header.readUInt32BE(0);
      let headerBytes = 8;
      if (size === 1) {
        if (header.length < 16) return;
        size = Number(header.readBigUInt64BE(8));
        headerBytes = 16;
      } else if (size === 0) size = end - at;
      if (size < headerBytes || at + size > end) return;
      yield { type: header.toString('latin1', 4, 8), start: at + headerBytes, end: at + size };
      at += size;
    }
  }

  const body = (box: Box) => read(box.start, Math.min(box.end - box.start, HEADER_BOX_MAX_BYTES));

  for await (const moov of boxes(0, bytes)) {
    if (moov.type !== 'moov') continue;
    let seconds: number | null = null;
    let size: string | null = null;
    for await (const box of boxes(moov.start, moov.end)) {
      if (box.type === 'mvhd') seconds = durationOf(await body(box));
      if (box.type !== 'trak' || size !== null) continue;
      for await (const inner of boxes(box.start, box.end)) {
        if (inner.type === 'tkhd') size = sizeOf(await body(inner));
      }
    }
    return seconds === null ? null : { seconds, size };
  }
  return null;
}

function durationOf(mvhd: Buffer): number | null {
  const long = mvhd[0] === 1;
  if (mvhd.length < (long ? 32 : 20)) return null;
  const timescale = mvhd.readUInt32BE(long ? 20 : 12);
  const duration = long ? Number(mvhd.readBigUInt64BE(24)) : mvhd.readUInt32BE(16);
  const seconds = duration / timescale;
  return timescale > 0 && seconds > 0 && seconds < 86_400 ? seconds : null;
}

/** Width and height are the last two fields, in 16.16 fixed point. A track without a picture says 0. */
function sizeOf(tkhd: Buffer): string | null {
  const at = (tkhd[0] === 1 ? 96 : 84) - 8;
  if (tkhd.length < at + 8) return null;
  const width = tkhd.readUInt32BE(at) >>> 16;
  const height = tkhd.readUInt32BE(at + 4) >>> 16;
  return width > 0 && height > 0 ? `${width}x${height}` : null;
}
