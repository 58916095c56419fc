import { crc32, deflateSync } from 'node:zlib';

/** A grey PNG that says it has this size; with `bytes` of picture data in place of what that size needs. */
export function png(width: number, height: number, bytes = (width + 1) * height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const edges = [Buffer.alloc(4), Buffer.alloc(4)] as const;
    edges[0].writeUInt32BE(data.length);
    edges[1].writeUInt32BE(crc32(body));
    return Buffer.concat([edges[0], body, edges[1]]);
  };
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const pixels = deflateSync(Buffer.alloc(bytes));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The head of a JPEG that says it has this size. */
export function jpeg(width: number, height: number): Buffer {
  const file = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0000b080000000001011100', 'hex');
  file.writeUInt16BE(height, 25);
  file.writeUInt16BE(width, 27);
  return file;
}

/** The head of a WebP that says it has this size. */
export function webp(width: number, height: number): Buffer {
  const file = Buffer.concat([Buffer.from('RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0', 'latin1'), Buffer.alloc(20)]);
  file.writeUIntLE(width - 1, 24, 3);
  file.writeUIntLE(height - 1, 27, 3);
  return file;
}

/** A box of an MP4 file that claims `size` bytes; by default as many as it has. */
export function box(type: string, content: Buffer, size = content.length + 8): Buffer {
  const start = Buffer.alloc(8);
  start.writeUInt32BE(size);
  start.write(type, 4, 'latin1');
  return Buffer.concat([start, content]);
}

/** A box with a 64-bit size. */
export function largeBox(type: string, content: Buffer, size: bigint): Buffer {
  const start = Buffer.alloc(8);
  start.writeBigUInt64BE(size);
  return box(type, Buffer.concat([start, content]), 1);
}

export const FTYP = box('ftyp', Buffer.from('isom\0\0\x02\0isommp42', 'latin1'));
