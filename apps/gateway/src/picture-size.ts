/**
 * How large a picture says it is, read from its header alone: nothing is decoded, and no file, however hostile, costs more
 * than a few reads. Sources: PNG (W3C) 11.2.2, ITU T.81 B.2.2, the WebP container and VP8 (RFC 6386) 9.1, GIF89a 18.
 */

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Up to `length` bytes at `offset`. */
type Read = (offset: number, length: number) => Promise<Buffer>;

const HEADER_BYTES = 30;
/** A photograph has a dozen; what is embedded in it comes in pieces of 64 KiB. */
const MAX_JPEG_SEGMENTS = 1_024;

/** Null where the header is damaged; undefined for a type whose header is not known here. */
export async function pictureSize(type: string, read: Read): Promise<PictureSize | null | undefined> {
  switch (type) {
    case 'image/png':
      return pngSize(await read(0, HEADER_BYTES));
    case 'image/gif':
      return gifSize(await read(0, HEADER_BYTES));
    case 'image/webp':
      return webpSize(await read(0, HEADER_BYTES));
    case 'image/jpeg':
      return await jpegSize(read);
    default:
      return undefined;
  }
}

function pngSize(head: Buffer): PictureSize | null {
  if (head.length < 24 || head.toString('latin1', 12, 16) !== 'IHDR') return null;
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

function gifSize(head: Buffer): PictureSize | null {
  return head.length < 10 ? null : { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
}

function webpSize(head: Buffer): PictureSize | null {
  if (head.length < HEADER_BYTES) return null;
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      if (head[20] !== 0x2f) return null;
      const bits = head.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      if (head.readUIntBE(23, 3) !== 0x9d012a) return null;
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    default:
      return null;
  }
}

/** Walks from one segment to the next until the one that begins a frame. */
async function jpegSize(read: Read): Promise<PictureSize | null> {
  let at = 2;
  for (let segments = 0; segments < MAX_JPEG_SEGMENTS; segments++) {
    const head = await read(at, 9);
    if (head.length < 4 || head[0] !== 0xff) return null;
    const marker = head[1] ?? 0;
    // Any number of these may stand before a marker.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      return head.length < 9 ? null : { width: head.readUInt16BE(7), height: head.readUInt16BE(5) };
    }
    // Pictures begin with a scan only behind their frame.
    if (marker === 0xda || marker === 0xd9) return null;
    const hasNoLength = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += hasNoLength ? 2 : 2 + head.readUInt16BE(2);
  }
  return null;
}
