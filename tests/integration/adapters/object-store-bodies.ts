import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { StoredObject } from '@reelgate/core/ports';

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** Bytes that show any swap, loss or repetition. */
export const randomContent = (bytes: number): Buffer => randomBytes(bytes);

/** All of an object that must be there. */
export async function contentOf(object: StoredObject | null): Promise<Buffer> {
  if (!object) throw new Error('there is no such object');
  return buffer(object.body);
}

/** `content` in chunks of `chunkBytes`. */
export function streamOf(content: Buffer, chunkBytes = 64 * KIB): Readable {
  return Readable.from(chunksOf(content, chunkBytes), { objectMode: false });
}

/** Gives `content`, then fails with `error`. */
export function failingStream(content: Buffer, error: Error): Readable {
  return Readable.from(
    (async function* () {
      yield* chunksOf(content, 64 * KIB);
      throw error;
    })(),
    { objectMode: false },
  );
}

/** Gives `content`, then neither ends nor fails; `given` resolves once all of it has been asked for. */
export function stallingStream(content: Buffer): { stream: Readable; given: Promise<void> } {
  const { promise: given, resolve } = Promise.withResolvers<void>();
  const chunks = chunksOf(content, 64 * KIB);
  const stream = new Readable({
    read() {
      const { value, done } = chunks.next();
      if (done) resolve();
      else this.push(value);
    },
  });
  return { stream, given };
}

function* chunksOf(content: Buffer, chunkBytes: number): Generator<Buffer> {
  for (let at = 0; at < content.length; at += chunkBytes) yield content.subarray(at, at + chunkBytes);
}
