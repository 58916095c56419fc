import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { type ApiError, badRequest } from './errors.ts';
import { type BodyLimits, streamBody } from './read-body.ts';
import type { SpooledFile } from './spool.ts';

export interface FormLimits extends BodyLimits {
  readonly maxParts: number;
  /** Of one text part. */
  readonly maxTextBytes: number;
  /** Of everything that is not the content of a part: boundaries, part headers, preamble. */
  readonly maxOverheadBytes: number;
}

export interface PartHead {
  readonly name: string;
  /** Lower case, without parameters; `text/plain` where there is none. */
  readonly type: string;
  /** It says that it is a file, or is of a kind that cannot be text. */
  readonly isFile: boolean;
  /** Without folders, as the caller wrote it. */
  readonly fileName: string | undefined;
}

/** How to read a part that may be larger than text. */
export interface PartReader {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly read: (content: AsyncIterable<Buffer>) => Promise<PartValue>;
}

export type PartValue = string | SpooledFile;
export type Part = readonly [name: string, value: PartValue];

/** The parts that can be files. Every other part is text, whatever type it claims: Java types all of its parts octet-stream. */
const FILE_FIELDS: ReadonlySet<string> = new Set(['input_reference', 'video', 'file']);
const FILE_TYPE = /^(application\/octet-stream|image\/.*|video\/.*)$/;
/** What may lie in the parser's and the parts' buffers. */
const UNCOUNTED_BYTES = 512 * 1024;

/**
 * Reads a multipart form, in the order in which it came. `readerOf` says how to read a part that is not plain text, as soon as
 * it begins and before anything after it is looked at; it throws to refuse it, and null means text. Throws 400 for whatever is
 * not a well-formed form.
 */
export async function readForm(
  body: Readable,
  boundary: string,
  limits: FormLimits,
  readerOf: (head: PartHead) => PartReader | null,
): Promise<Part[]> {
  const parts: Part[] = [];
  const reading: Promise<unknown>[] = [];
  const open = new Set<Readable>();
  let bytes = 0;
  let contentBytes = 0;
  let failure: Error | undefined;
  let stopReading: ((error: Error) => void) | undefined;
  let extend: ((more: { bytes: number; timeoutMs: number }) => void) | undefined;

  const parser = new Busboy({
    headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
    // Taken as bytes, all of them: the parser would replace what is not UTF-8, and believe any charset.
    isPartAFile: () => true,
    limits: {
      parts: limits.maxParts,
      fileSize: Number.POSITIVE_INFINITY,
      headerPairs: 16,
      headerSize: 8 * 1024,
    },
  });

  const parsed = new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      failure ??= error instanceof Error ? error : malformed();
      reject(failure);
      stopReading?.(failure);
    };
    parser.on('finish', resolve);
    parser.on('error', () => fail(malformed()));
    parser.on('partsLimit', () => fail(tooManyParts(limits.maxParts, parts.at(-1)?.[0] ?? '')));
    parser.on('file', (name: string | undefined, stream, filename: string | undefined, _encoding, type) => {
      const content = stream as unknown as Readable;
      open.add(content);
      content.once('close', () => open.delete(content));
      // Also told to whoever reads it, or nobody does.
      content.on('error', () => fail(malformed()));
      const slot = parts.push([name ?? '', '']) - 1;
      try {
        if (!name) throw malformed();
        const isFile = FILE_FIELDS.has(name) && (filename !== undefined || FILE_TYPE.test(type));
        const reader = readerOf({ name, type, isFile, fileName: filename });
        if (filename !== undefined && !isFile && !name.includes('[')) throw notText(name);
        if (reader) extend?.({ bytes: reader.maxBytes, timeoutMs: reader.timeoutMs });
        const { read } = reader ?? textReader(name, limits.maxTextBytes);
        const counted = count(content, (length) => {
          contentBytes += length;
        });
        const kept = read(counted).then((value) => {
          parts[slot] = [name, value];
        });
        reading.push(kept.catch(fail));
      } catch (error) {
        fail(error);
      }
    });
  });
  // Awaited below, but it may fail before that.
  parsed.catch(() => {});

  try {
    await streamBody(body, limits, (chunk, control) => {
      stopReading = control.abort;
      extend = control.extend;
      bytes += chunk.length;
      const more = parser.write(chunk);
      // The content of the newest parts is not counted yet, so the exact look comes at the end.
      if (bytes - contentBytes > limits.maxOverheadBytes + UNCOUNTED_BYTES) throw malformed();
      if (!more) parser.once('drain', control.resume);
      return more;
    });
    parser.end();
    await parsed;
    await Promise.all(reading);
    if (failure) throw failure;
    if (bytes - contentBytes > limits.maxOverheadBytes) throw malformed();
    return parts;
  } catch (error) {
    failure ??= error as Error;
    for (const content of open) content.destroy(failure);
    await Promise.allSettled(reading);
    throw failure;
  }
}

async function* count(content: Readable, counted: (length: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of content as AsyncIterable<Buffer>) {
    counted(chunk.length);
    yield chunk;
  }
}

function textReader(name: string, maxBytes: number): Pick<PartReader, 'read'> {
  return { read: (content) => readText(name, content, maxBytes) };
}

/** Throws 400 where it is longer, or is not UTF-8. */
export async function readText(
  name: string,
  content: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw textTooLong(name, maxBytes);
    chunks.push(chunk);
  }
  const value = decodeUtf8(Buffer.concat(chunks));
  if (value === null) throw notUtf8(name);
  return value;
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

function notUtf8(name: string): ApiError {
  return badRequest('invalid_value', `The value of '${shown(name)}' is not valid UTF-8.`, shown(name));
}

function textTooLong(name: string, maxBytes: number): ApiError {
  const message = `The value of '${shown(name)}' is longer than ${maxBytes} bytes.`;
  return badRequest('string_above_max_length', message, shown(name));
}

/** A name from the wire, cut to what fits into a message. */
function shown(name: string): string {
  return name.slice(0, 64);
}

/** Node's SDK takes bare bytes for a list of numbers, without a word. */
function tooManyParts(max: number, lastName: string): ApiError {
  const [field = ''] = lastName.split('[');
  if (field === lastName || !FILE_FIELDS.has(field)) {
    return badRequest('invalid_form', `A form may have at most ${max} parts.`);
  }
  const message = `Invalid type for '${field}': expected a file, but got its bytes one by one. Give it to your SDK as a file, such as toFile(bytes, 'name.png').`;
  return badRequest('invalid_type', message, field);
}
