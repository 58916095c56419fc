import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Behaviour } from './behaviour.ts';
import { OpenAiError } from './openai-error.ts';
import type { Rendered } from './renders.ts';

/** Bytes that are read in ranges and never held as a whole. */
export interface ContentBody {
  readonly bytes: number;
  /** From `start` up to and without `end`. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

const SMALL_BOX_HEADER_BYTES = 8;
const LARGE_BOX_HEADER_BYTES = 16;
const ZEROS = new Uint8Array(256 * 1024);

/** A rendered file; an MP4 may be made larger by a `free` box at its end, which players skip. */
export function openContent(rendered: Rendered, behaviour: Behaviour): ContentBody {
  const padding = rendered.contentType === 'video/mp4' ? paddingBytes(rendered, behaviour) : 0;
  const header = boxHeader(padding);
  return {
    bytes: rendered.bytes + padding,
    async *read(start, end) {
      if (start < rendered.bytes && start < end) {
        yield* createReadStream(rendered.path, { start, end: Math.min(end, rendered.bytes) - 1 });
      }
      let at = Math.max(start, rendered.bytes);
      while (at < end) {
        const within = at - rendered.bytes;
        const chunk = within < header.length ? header.subarray(within) : ZEROS;
        const part = chunk.subarray(0, Math.min(chunk.length, end - at));
        yield part;
        at += part.length;
      }
    },
  };
}

function paddingBytes(rendered: Rendered, behaviour: Behaviour): number {
  const { content_bytes, content_padding_bytes } = behaviour;
  const padding = content_bytes === undefined ? (content_padding_bytes ?? 0) : content_bytes - rendered.bytes;
  if (padding === 0 || padding >= SMALL_BOX_HEADER_BYTES) return padding;
  throw new OpenAiError(500, `The MP4 has ${rendered.bytes} bytes: it can be padded by 8 bytes or more.`);
}

function boxHeader(size: number): Uint8Array {
  if (size === 0) return new Uint8Array();
  const isLarge = size > 0xffff_ffff;
  const header = new Uint8Array(isLarge ? LARGE_BOX_HEADER_BYTES : SMALL_BOX_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, isLarge ? 1 : size);
  header.set(new TextEncoder().encode('free'), 4);
  if (isLarge) view.setBigUint64(8, BigInt(size));
  return header;
}

export async function sha256Of(body: ContentBody): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of body.read(0, body.bytes)) hash.update(chunk);
  return hash.digest('hex');
}

const FLIP_EVERY_BYTES = 256;

/** The same length, but not the same bytes. */
export async function* corrupted(
  source: AsyncIterable<Uint8Array>,
  start: number,
): AsyncIterable<Uint8Array> {
  let at = start;
  for await (const chunk of source) {
    const copy = Uint8Array.from(chunk);
    for (let index = (FLIP_EVERY_BYTES - (at % FLIP_EVERY_BYTES)) % FLIP_EVERY_BYTES; index < copy.length; ) {
      copy[index] = (copy[index] ?? 0) ^ 0xff;
      index += FLIP_EVERY_BYTES;
    }
    at += chunk.length;
    yield copy;
  }
}
