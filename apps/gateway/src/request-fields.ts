import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { LIMITS } from '@reelgate/contract';
import { checkMedia } from './check-media.ts';
import { readContentType } from './content-type.ts';
import { cutDataUrl } from './cut-data-url.ts';
import { openDataUrl } from './data-url.ts';
import { ApiError, badRequest, clientGone, tooLarge } from './errors.ts';
import { formFields } from './form-fields.ts';
import { type FileField, mediaTypeOf } from './media-type.ts';
import { type FormLimits, type PartHead, type PartReader, readForm, readText } from './multipart.ts';
import { assertPlainFields } from './plain-fields.ts';
import { streamBody } from './read-body.ts';
import type { Receive, Spool, SpooledFile } from './spool.ts';

/** The longest prompt is 32,000 code points of four bytes each. Parts are the labels of `metadata` for the most part. */
const FORM_LIMITS: Omit<FormLimits, 'timeoutMs'> = {
  maxBytes: 512 * 1024,
  maxParts: 40,
  maxTextBytes: 4 * LIMITS.promptMax,
  maxOverheadBytes: 32 * 1024,
};
/** In JSON a slash may be escaped, and one character in 64 of base64 is one. */
const ESCAPED_DATA_URL_BYTES = Math.ceil(LIMITS.imageUrlMaxLength * 1.05);
const IMAGE_URL_PART = 'input_reference[image_url]';

/** The fields of a request. Their leaves are what JSON has; in a form only texts, and `SpooledFile` where a file came along. */
export type Fields = Record<string, unknown>;

export interface UploadLimits {
  /** Of a body without files, from its first byte to its last. */
  readonly bodyTimeoutMs: number;
  readonly uploadTimeoutMs: number;
  readonly imageMaxBytes: number;
  readonly videoMaxBytes: number;
}

/** Reads a body and works with its fields; files among them are there until `work` has ended. `file` is the field that may be one. */
export type WithFields = <T>(
  incoming: IncomingMessage,
  options: { readonly file: FileField | null; readonly formOnly?: boolean },
  work: (fields: Fields) => Promise<T>,
) => Promise<T>;

/**
 * Bodies are JSON or a form, with the same meaning. Reads the raw Node request, because the standard `formData()` corrupts
 * parts without a file name, and keeps what may be large on disk.
 */
export function createFieldsReader(
  spool: Spool,
  disk: { assertRoom(): Promise<void> },
  limits: UploadLimits,
): WithFields {
  return async (incoming, { file, formOnly = false }, work) => {
    const type = readContentType(incoming);
    if (formOnly && type.kind !== 'form') {
      throw new ApiError(415, "Send the file as 'multipart/form-data'.", {
        code: 'unsupported_content_type',
      });
    }
    await disk.assertRoom();
    return await spool.during(async (receive) => {
      const fields =
        type.kind === 'form'
          ? await readFormFields(incoming, type.boundary, file, { receive, limits })
          : await readJsonFields(incoming, file === 'input_reference', { receive, limits });
      // Labels have rules of their own.
      const { metadata: _, ...plain } = fields;
      assertPlainFields(plain);
      return await work(fields);
    });
  };
}

interface Reading {
  readonly receive: Receive;
  readonly limits: UploadLimits;
}

async function readFormFields(
  incoming: IncomingMessage,
  boundary: string,
  file: FileField | null,
  { receive, limits }: Reading,
): Promise<Fields> {
  let taken = false;
  const takeOne = (name: string) => {
    if (taken) {
      throw badRequest('duplicate_parameter', `The parameter '${name}' was given more than once.`, name);
    }
    taken = true;
  };
  const readerOf = ({ name, type, isFile, fileName }: PartHead): PartReader | null => {
    if (isFile) {
      if (name !== file) throw unsupportedParameter(name);
      takeOne(name);
      const maxBytes = name === 'input_reference' ? limits.imageMaxBytes : limits.videoMaxBytes;
      return {
        maxBytes,
        timeoutMs: limits.uploadTimeoutMs,
        read: (content) =>
          receiveMedia(
            name === 'file' ? asLargeAsItsKind(content, type, limits) : content,
            { name, declaredType: type, maxBytes, fileName },
            receive,
          ),
      };
    }
    if (name !== IMAGE_URL_PART || file !== 'input_reference') return null;
    takeOne(name);
    return {
      maxBytes: LIMITS.imageUrlMaxLength,
      timeoutMs: limits.uploadTimeoutMs,
      read: (content) => readImageUrl(content, { receive, limits }),
    };
  };
  const form = { ...FORM_LIMITS, timeoutMs: limits.bodyTimeoutMs };
  return formFields(await readForm(incoming, boundary, form, readerOf));
}

/** Takes a file and looks at it. */
async function receiveMedia(
  content: AsyncIterable<Buffer>,
  options: Parameters<Receive>[1] & { readonly name: FileField },
  receive: Receive,
): Promise<SpooledFile> {
  const file = await receive(content, options);
  await checkMedia(options.name, file);
  return file;
}

/** A file to keep is as large as a picture at most, unless it is a video. */
async function* asLargeAsItsKind(
  content: AsyncIterable<Buffer>,
  declaredType: string,
  { imageMaxBytes, videoMaxBytes }: UploadLimits,
): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of content) {
    if (head.length < 16) head = Buffer.concat([head, chunk.subarray(0, 16)]);
    bytes += chunk.length;
    if (bytes > imageMaxBytes) {
      const isVideo = mediaTypeOf(head, declaredType).startsWith('video/');
      const maxBytes = isVideo ? videoMaxBytes : imageMaxBytes;
      if (bytes > maxBytes) throw tooLarge("'file'", maxBytes);
    }
    yield chunk;
  }
}

/** A data URL as the file that it holds; any other URL as the text that it is. */
async function readImageUrl(content: AsyncIterable<Buffer>, reading: Reading): Promise<string | SpooledFile> {
  const pieces = content[Symbol.asyncIterator]();
  const start: Buffer[] = [];
  const begun = () => Buffer.concat(start).toString('latin1', 0, 5);
  while (begun().length < 5) {
    const next = await pieces.next();
    if (next.done) break;
    start.push(next.value);
  }
  const whole = resume(start, pieces);
  return begun() === 'data:'
    ? await receiveDataUrl(whole, reading)
    : await readText(IMAGE_URL_PART, whole, FORM_LIMITS.maxTextBytes);
}

async function* resume(start: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function receiveDataUrl(
  content: AsyncIterable<Buffer>,
  { receive, limits }: Reading,
): Promise<SpooledFile> {
  const { mediaType, bytes } = await openDataUrl(upTo(LIMITS.imageUrlMaxLength, content));
  return await receiveMedia(
    bytes,
    { name: 'input_reference', declaredType: mediaType, maxBytes: limits.imageMaxBytes },
    receive,
  );
}

async function* upTo(maxLength: number, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const piece of content) {
    length += piece.length;
    if (length > maxLength) {
      const message = `Invalid 'input_reference.image_url': a data URL may have at most ${maxLength} characters.`;
      throw new ApiError(413, message, { code: 'request_too_large', param: 'input_reference' });
    }
    yield piece;
  }
}

async function readJsonFields(
  incoming: IncomingMessage,
  takesDataUrl: boolean,
  reading: Reading,
): Promise<Fields> {
  const placeholder = `data:${randomUUID()}`;
  let content: PassThrough | undefined;
  let file: Promise<SpooledFile> | undefined;
  let failure: unknown;
  let control: Parameters<Parameters<typeof streamBody>[2]>[1] | undefined;
  const cut = cutDataUrl({
    placeholder,
    maxBytes: LIMITS.jsonBodyMaxBytes,
    begin() {
      if (!takesDataUrl) throw invalidImageUrl('a data URL has no place here');
      content = new PassThrough().on('error', () => {});
      control?.extend({ bytes: ESCAPED_DATA_URL_BYTES, timeoutMs: reading.limits.uploadTimeoutMs });
      file = receiveDataUrl(content, reading);
      file.catch((error: unknown) => {
        failure = error;
        control?.abort(error as Error);
      });
      return content;
    },
  });
  try {
    const bodyLimits = {
      // One more piece, so that it is the cut that says what is too large.
      maxBytes: LIMITS.jsonBodyMaxBytes + 64 * 1024,
      timeoutMs: reading.limits.bodyTimeoutMs,
    };
    await streamBody(incoming, bodyLimits, (chunk, given) => {
      control = given;
      const more = cut.write(chunk);
      if (!more) content?.once('drain', given.resume);
      return more;
    });
    const fields = parseJson(cut.json());
    if (content?.writableEnded === false) content.destroy(clientGone());
    return file ? placeFile(fields, placeholder, await file) : fields;
  } catch (error) {
    content?.destroy(error as Error);
    await file?.catch(() => {});
    throw failure ?? error;
  }
}

/** Puts the file where the data URL was, which has one right place. */
function placeFile(fields: Fields, placeholder: string, file: SpooledFile): Fields {
  const reference = fields.input_reference;
  const isRight =
    typeof reference === 'object' &&
    reference !== null &&
    'image_url' in reference &&
    reference.image_url === placeholder;
  if (!isRight) throw invalidImageUrl("a data URL has its place in 'input_reference' only");
  return { ...fields, input_reference: { ...reference, image_url: file } };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function parseJson(body: Buffer): Fields {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    // Without the parser's own words, which quote the body.
    throw badRequest('invalid_json', 'We could not parse the JSON body of your request.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('invalid_json', 'The JSON body of your request must be an object.');
  }
  return value as Fields;
}

function invalidImageUrl(why: string): ApiError {
  return badRequest('invalid_image_url', `Invalid 'image_url': ${why}.`, 'input_reference');
}

export function unsupportedParameter(name: string): ApiError {
  return badRequest('unsupported_parameter', `The parameter '${name}' is not supported.`, name);
}
