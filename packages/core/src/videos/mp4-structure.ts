/**
 * Reads the boxes of an MP4 as it streams by, holding only their headers: the boxes must add up to the file, and the file
 * must begin with `ftyp` and hold `moov` and `mdat`. This is what tells a whole video from one whose connection was cut
 * where no length was announced. Source: ISO/IEC 14496-12, section 4.2.
 */
const HEADER_BYTES = 8;
const LONG_HEADER_BYTES = 16;

export interface Mp4Structure {
  /** Feeds the next bytes. Throws `Mp4Error` as soon as they cannot be an MP4. */
  push(chunk: Buffer): void;
  /** Throws `Mp4Error` unless what was fed is a whole MP4. */
  end(): void;
}

export class Mp4Error extends Error {
  override name = 'Mp4Error';
}

export function createMp4Structure(): Mp4Structure {
  /** Bytes of the current box's body still to come; infinity for a last box that runs to the end of the file. */
  let bodyLeft = 0;
  let header = Buffer.alloc(0);
  const seen = new Set<string>();

  const openBox = (): boolean => {
    if (header.length < HEADER_BYTES) return false;
    const shortSize = header.readUInt32BE(0);
    const type = header.toString('latin1', 4, 8);
    if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) throw new Mp4Error('not an MP4: a box has no readable type');
    if (seen.size === 0 && type !== 'ftyp')
      throw new Mp4Error('not an MP4: it does not begin with a file type box');
    let size = BigInt(shortSize);
    let headerBytes = HEADER_BYTES;
    if (shortSize === 1) {
      if (header.length < LONG_HEADER_BYTES) return false;
      size = header.readBigUInt64BE(8);
      headerBytes = LONG_HEADER_BYTES;
    }
    if (shortSize === 0) {
      if (type !== 'mdat') throw new Mp4Error(`not an MP4: the ${type} box has no end`);
      bodyLeft = Number.POSITIVE_INFINITY;
    } else {
      if (size < BigInt(headerBytes) || size > BigInt(Number.MAX_SAFE_INTEGER)) {
        throw new Mp4Error(`not an MP4: the ${type} box has an impossible size`);
      }
      bodyLeft = Number(size) - headerBytes;
    }
    seen.add(type);
    header = Buffer.alloc(0);
    return true;
  };

  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (bodyLeft > 0) {
          const skipped = Math.min(bodyLeft, chunk.length - at);
          bodyLeft -= skipped;
          at += skipped;
          continue;
        }
        const wanted = header.length < HEADER_BYTES ? HEADER_BYTES : LONG_HEADER_BYTES;
        const taken = chunk.subarray(at, at + wanted - header.length);
        header = Buffer.concat([header, taken]);
        at += taken.length;
        if (header.length === wanted) openBox();
      }
    },
    end() {
      if (header.length > 0 || (bodyLeft > 0 && bodyLeft !== Number.POSITIVE_INFINITY)) {
        throw new Mp4Error('the video ends in the middle of a box: it was cut');
      }
      for (const type of ['ftyp', 'moov', 'mdat']) {
        if (!seen.has(type)) throw new Mp4Error(`the video has no ${type} box: it is not whole`);
      }
    },
  };
}
