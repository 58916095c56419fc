import type { Readable } from 'node:stream';

export interface Part {
  /** Valid until `giveBack`. */
  readonly bytes: Buffer;
  readonly last: boolean;
  giveBack(): void;
}

/**
 * Cuts a stream into parts of exactly `partBytes` bytes, the last one shorter and, for an empty stream, empty. There are
 * never more than `buffers` parts in memory, whatever the sizes of the stream's own chunks: the stream is not read on
 * until one is given back.
 */
export async function* cutParts(
  body: Readable,
  { partBytes, buffers }: { readonly partBytes: number; readonly buffers: number },
): AsyncGenerator<Part, void, void> {
  const idle: Buffer[] = [];
  const waiting: ((buffer: Buffer) => void)[] = [];
  let made = 0;

  function take(): Buffer | Promise<Buffer> {
    const buffer = idle.pop();
    if (buffer) return buffer;
    // The pages of a fresh buffer take no memory until they are written to, so that a small object stays small.
    if (made++ < buffers) return Buffer.allocUnsafeSlow(partBytes);
    return new Promise((resolve) => waiting.push(resolve));
  }
  function part(buffer: Buffer, filled: number, last: boolean): Part {
    const giveBack = (): void => {
      const next = waiting.shift();
      if (next) next(buffer);
      else idle.push(buffer);
    };
    return { bytes: buffer.subarray(0, filled), last, giveBack };
  }

  let buffer = await take();
  let filled = 0;
  for await (const chunk of body) {
    let rest: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    while (rest.length > 0) {
      if (filled === partBytes) {
        yield part(buffer, filled, false);
        buffer = await take();
        filled = 0;
      }
      const fitting = rest.subarray(0, partBytes - filled);
      buffer.set(fitting, filled);
      filled += fitting.length;
      rest = rest.subarray(fitting.length);
    }
  }
  yield part(buffer, filled, true);
}
