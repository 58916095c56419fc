import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { type ApiError, badRequest } from './errors.ts';
import { type BodyLimits, streamBody } from './read-body.ts';

export interface FormLimits extends BodyLimits {
  readonly maxParts: number;
  /** Of one text part. */
  readonly maxTextBytes: number;
  /** Of everything that is not the content of a part: boundaries, part headers, preamble. */
  readonly maxOverheadBytes: number;
}

export type TextPart = readonly [name: string, value: string];

/** The parts that can be files. Every other part is text, whatever type it claims: Java types all of its parts octet-stream. */
const FILE_FIELDS: ReadonlySet<string> = new Set(['input_reference', 'video']);
const FILE_TYPE = /^(application\/octet-stream|image\/.*|video\/.*)$/;

/**
 * Reads a multipart form, in the order in which it came. `onFile` says what to do about a file, as soon as its part
 * begins and before anything after it is looked at: it throws. Throws 400 for whatever is not a well-formed form.
 */
export async function readForm(
  body: Readable,
  boundary: string,
  limits: FormLimits,
  onFile: (name: string) => never,
): Promise<TextPart[]> {
  const parts: TextPart[] = [];
  let bytes = 0;
  let contentBytes = 0;
  let failure: Error | undefined;
  let stopReading: ((error: Error) => void) | undefined;

  const parser = new Busboy({
    headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
    // Taken as bytes, all of them: the parser would replace what is not UTF-8, and believe any charset.
    isPartAFile: () => true,
    limits: { parts: limits.maxParts, fileSize: limits.maxTextBytes, headerPairs: 16, headerSize: 8 * 1024 },
  });

  const parsed = new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      failure ??= error instanceof Error ? error : malformed();
      reject(failure);
      stopReading?.(failure);
    };
    parser.on('finish', resolve);
    parser.on('error', () => fail(malformed()));
    parser.on('partsLimit', () =>
      fail(badRequest('invalid_form', `A form may have at most ${limits.maxParts} parts.`)),
    );
    parser.on('file', (name: string | undefined, stream, filename: string | undefined, _encoding, type) => {
      stream.on('error', () => fail(malformed()));
      stream.on('limit', () => fail(textTooLong(name, limits.maxTextBytes)));
      const slot = parts.push([name ?? '', '']) - 1;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => {
        contentBytes += chunk.length;
        chunks.push(chunk);
      });
      stream.on('end', () => {
        const value = decodeUtf8(Buffer.concat(chunks));
        if (value === null) fail(notUtf8(name));
        else parts[slot] = [name ?? '', value];
      });
      try {
        if (!name) throw malformed();
        if (FILE_FIELDS.has(name) && (filename !== undefined || FILE_TYPE.test(type))) onFile(name);
        if (filename !== undefined && !name.includes('[')) throw notText(name);
      } catch (error) {
        fail(error);
      }
    });
  });
  // Awaited below, but it may fail before that.
  parsed.catch(() => {});

  await streamBody(body, limits, (chunk, control) => {
    stopReading = control.abort;
    bytes += chunk.length;
    const more = parser.write(chunk);
    // The content of the newest parts is not counted yet, so the exact look comes at the end.
    if (bytes - contentBytes > limits.maxOverheadBytes + limits.maxTextBytes) throw malformed();
    if (!more) parser.once('drain', control.resume);
    return more;
  });
  parser.end();
  await parsed;
  if (bytes - contentBytes > limits.maxOverheadBytes) throw malformed();
  return parts;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

function malformed(): ApiError {
  return badRequest('invalid_form', 'The multipart body is malformed.');
}

function notText(name: string): ApiError {
  const message = `Invalid type for '${shown(name)}': expected a string, but got a file instead.`;
  return badRequest('invalid_type', message, shown(name));
}

function notUtf8(name: string | undefined): ApiError {
  return badRequest('invalid_value', `The value of '${shown(name)}' is not valid UTF-8.`, shown(name));
}

function textTooLong(name: string | undefined, maxBytes: number): ApiError {
  const message = `The value of '${shown(name)}' is longer than ${maxBytes} bytes.`;
  return badRequest('string_above_max_length', message, shown(name));
}

/** A name from the wire, cut to what fits into a message. */
function shown(name: string | undefined): string {
  return (name ?? '').slice(0, 64);
}
