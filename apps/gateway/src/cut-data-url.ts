import { badRequest, tooLarge } from './errors.ts';

/** `"image_url": "data:…"`: the one text of a JSON body that may be large. */
const KEY = 'image_url';
const START = 'data:';

const [QUOTE, BACKSLASH, COLON, SLASH] = [0x22, 0x5c, 0x3a, 0x2f];

export interface JsonCut {
  /** What is left of the body: where the data URL was there is `placeholder`, which nobody could have guessed. */
  readonly json: () => Buffer;
  /** False: give no more until the data URL's reader has caught up. */
  write(chunk: Buffer): boolean;
}

/**
 * Takes a data URL out of a JSON body that comes piece by piece, so that neither is ever whole in memory. `begin` is told that
 * there is one and gives what takes its bytes. Knows just enough of JSON to tell a key from a value from a quoted quote;
 * whether the rest is JSON is for a parser to say. Throws 413 when more than `maxBytes` are left, 400 for a second data URL.
 */
export function cutDataUrl(options: {
  readonly placeholder: string;
  readonly maxBytes: number;
  readonly begin: () => { write(piece: Buffer): boolean; end(): void };
}): JsonCut {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let mode: 'outside' | 'string' | 'value' | 'data' = 'outside';
  let escaped = false;
  /** The text read last, as far as it can still be the key; and whether a colon came after it. */
  let last = '';
  let colon = false;
  let sink: ReturnType<typeof options.begin> | undefined;

  const keep = (piece: Buffer) => {
    keptBytes += piece.length;
    if (keptBytes > options.maxBytes) throw tooLarge('The request body', options.maxBytes);
    // A copy: a chunk of the socket is much larger than what is left of it.
    if (piece.length > 0) kept.push(Buffer.from(piece));
  };

  const beginData = (): typeof sink => {
    if (sink)
      throw badRequest('duplicate_parameter', `The parameter '${KEY}' was given more than once.`, KEY);
    keep(Buffer.from(options.placeholder.slice(START.length)));
    const begun = options.begin();
    begun.write(Buffer.from(START));
    return begun;
  };

  /** Of the data URL: up to its closing quote. Only a slash is ever escaped in base64. */
  const takeData = (chunk: Buffer, from: number): { next: number; more: boolean } => {
    let more = true;
    let at = from;
    while (at < chunk.length) {
      if (escaped) {
        if (chunk[at] !== SLASH) {
          throw badRequest(
            'invalid_image_url',
            'The data URL has characters that base64 has not.',
            'input_reference',
          );
        }
        escaped = false;
      }
      const quote = indexOf(chunk, QUOTE, at);
      const backslash = indexOf(chunk.subarray(0, quote), BACKSLASH, at);
      const end = Math.min(quote, backslash);
      if (end > at) more = (sink?.write(Buffer.from(chunk.subarray(at, end))) ?? true) && more;
      at = end + 1;
      if (end === chunk.length) return { next: end, more };
      if (end === quote && backslash >= quote) {
        mode = 'outside';
        sink?.end();
        return { next: quote, more };
      }
      escaped = true;
    }
    return { next: at, more };
  };

  return {
    json: () => Buffer.concat(kept),
    write(chunk) {
      let more = true;
      let start = 0;
      for (let i = 0; i < chunk.length; i++) {
        if (mode === 'data') {
          const taken = takeData(chunk, i);
          more = taken.more && more;
          i = start = taken.next;
          if (i >= chunk.length) break;
          continue;
        }
        const byte = chunk[i] ?? 0;
        if (mode === 'outside') {
          if (byte === QUOTE) {
            mode = colon && last === KEY ? 'value' : 'string';
            [last, colon] = ['', false];
          } else if (byte === COLON) colon = true;
          else if (byte > 0x20) [last, colon] = ['', false];
        } else if (escaped) {
          [escaped, mode] = [false, 'string'];
          last = '\\';
        } else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) mode = 'outside';
        else {
          if (last.length <= KEY.length) last += String.fromCharCode(byte);
          if (mode === 'value' && last === START) {
            keep(chunk.subarray(start, i + 1));
            start = i + 1;
            sink = beginData();
            [mode, last] = ['data', ''];
          } else if (mode === 'value' && !START.startsWith(last)) mode = 'string';
        }
      }
      if (mode !== 'data') keep(chunk.subarray(start));
      return more;
    },
  };
}

/** Where it is, or where the chunk ends. */
function indexOf(chunk: Buffer, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from);
  return at < 0 ? chunk.length : at;
}
