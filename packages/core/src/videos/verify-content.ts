import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import type { Variant } from '@reelgate/contract';
import { createMp4Structure, Mp4Error, type Mp4Structure } from './mp4-structure.ts';

/** The bytes are not what they should be; whatever was written of them must not be kept. */
export class ContentError extends Error {
  override name = 'ContentError';
}

export interface VerifiedContent {
  readonly bytes: number;
  readonly sha256: string;
  readonly contentType: string;
}

/** First bytes that tell what a still really is, whatever its upstream calls it. */
const SNIFFED_BYTES = 12;

/**
 * Lets content through while it counts, hashes and checks it. Fails the stream at the end, before anything is committed, where
 * the length differs from the announced one, an MP4 is not whole, or a still is no picture. `result` is there once it has ended.
 */
export class VerifyContent extends Transform {
  readonly #variant: Variant;
  readonly #announcedBytes: number | undefined;
  readonly #hash: Hash = createHash('sha256');
  readonly #mp4: Mp4Structure | undefined;
  readonly #maxBytes: number;
  readonly #onBytes: (bytes: number) => void;
  #head = Buffer.alloc(0);
  #bytes = 0;
  #result: VerifiedContent | undefined;

  constructor(
    variant: Variant,
    options: { announcedBytes?: number | undefined; maxBytes: number; onBytes?: (bytes: number) => void },
  ) {
    super();
    this.#variant = variant;
    this.#announcedBytes = options.announcedBytes;
    this.#maxBytes = options.maxBytes;
    this.#onBytes = options.onBytes ?? (() => {});
    this.#mp4 = variant === 'video' ? createMp4Structure() : undefined;
  }

  /** Throws where the stream has not ended well. */
  get result(): VerifiedContent {
    if (!this.#result) throw new ContentError('the content was not read to its end');
    return this.#result;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    try {
      this.#onBytes(chunk.length);
      this.#bytes += chunk.length;
      if (this.#bytes > this.#maxBytes)
        throw new ContentError(`the content is larger than ${this.#maxBytes} bytes`);
      this.#hash.update(chunk);
      this.#mp4?.push(chunk);
      if (this.#head.length < SNIFFED_BYTES)
        this.#head = Buffer.concat([this.#head, chunk.subarray(0, SNIFFED_BYTES)]);
      callback(null, chunk);
    } catch (error) {
      callback(asContentError(error));
    }
  }

  override _flush(callback: TransformCallback): void {
    try {
      if (this.#bytes === 0) throw new ContentError('the content is empty');
      if (this.#announcedBytes !== undefined && this.#bytes !== this.#announcedBytes) {
        throw new ContentError(
          `the content has ${this.#bytes} bytes where ${this.#announcedBytes} were announced`,
        );
      }
      this.#mp4?.end();
      const contentType = this.#variant === 'video' ? 'video/mp4' : pictureType(this.#head);
      if (!contentType) throw new ContentError(`the ${this.#variant} is no picture`);
      this.#result = { bytes: this.#bytes, sha256: this.#hash.digest('hex'), contentType };
      callback();
    } catch (error) {
      callback(asContentError(error));
    }
  }
}

function asContentError(error: unknown): Error {
  if (error instanceof Mp4Error) return new ContentError(error.message);
  return error instanceof Error ? error : new ContentError(String(error));
}

/** The type by its magic bytes; null for anything that is not a picture that browsers show and cannot run. */
function pictureType(head: Buffer): string | null {
  const text = head.toString('latin1');
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'image/jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  return null;
}
