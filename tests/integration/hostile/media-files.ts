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
