import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyFileStream, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { type Film, PROBED_BYTES, probeFilm } from './media/probe.ts';
import { OpenAiError } from './openai-error.ts';

/** The fields of a body by name: texts, objects of bracket keys, files. */
export type Fields = Record<string, unknown>;

/** A file of a form, its bytes read and, but for a file to keep, gone. */
export class UploadedFile {
  readonly kind = 'file';
  /** Absent when the part had none, which the real service took for a string. */
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  /** What a `video` tells of itself, if it is an MP4. */
  readonly film: Film | undefined;
  /** Of a `file` to keep. */
  readonly #content: Buffer | undefined;

  constructor(file: Omit<UploadedFile, 'kind' | 'content'> & { readonly content?: Buffer | undefined }) {
    this.filename = file.filename;
    this.contentType = file.contentType;
    this.bytes = file.bytes;
    this.sha256 = file.sha256;
    this.film = file.film;
    this.#content = file.content;
  }

  get content(): Buffer {
    if (this.#content === undefined) throw new Error('the bytes of this file are gone');
    return this.#content;
  }
}

/** A form's text where a file belongs. */
export class TextPart {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const FILE_FIELDS = new Set(['input_reference', 'video', 'file']);
const PROBED_FIELD = 'video';
const KEPT_FIELD = 'file';

/** Reads a multipart form. Throws an OpenAiError for one that is broken. */
export function readForm(incoming: IncomingMessage): Promise<Fields> {
  const fields: Fields = {};
  const files: Promise<void>[] = [];
  return new Promise((resolve, reject) => {
    const refuse = () =>
      reject(new OpenAiError(400, 'We could not parse the multipart form of your request.'));
    let form: BusboyInstance;
    try {
      form = new Busboy({
        headers: incoming.headers as BusboyHeaders,
        limits: { fieldSize: 32 * 1024 * 1024 },
        // Some SDKs label texts octet-stream, and send files without a name: the field's name decides.
        isPartAFile: (name, contentType, fileName) =>
          !name?.includes('[') && (fileName !== undefined || contentType === 'application/octet-stream'),
      });
    } catch {
      refuse();
      return;
    }
    form.on('field', (name, value) => setText(fields, name, value));
    form.on('file', (name, stream, filename, _encoding, contentType) => {
      const reading = readFile(stream, name).then((read) => {
        fields[name] = new UploadedFile({ filename, contentType, ...read });
      });
      files.push(reading);
      reading.catch(refuse);
    });
    form.on('finish', () => void Promise.all(files).then(() => resolve(fields), refuse));
    form.on('error', refuse);
    incoming.on('error', refuse);
    incoming.on('aborted', refuse);
    incoming.pipe(form);
  });
}

async function readFile(stream: BusboyFileStream, name: string | undefined) {
  const [isProbed, isKept] = [name === PROBED_FIELD, name === KEPT_FIELD];
  const hash = createHash('sha256');
  const seen: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    if (isKept || (isProbed && bytes < PROBED_BYTES)) seen.push(chunk);
    bytes += chunk.length;
  }
  const film = isProbed ? await probeFilm(Buffer.concat(seen)) : undefined;
  return { bytes, sha256: hash.digest('hex'), film, content: isKept ? Buffer.concat(seen) : undefined };
}

const BRACKETED = /^([^[\]]+)\[([^[\]]+)\]$/;
const LISTED = /^([^[\]]+)\[\d*\]\[([^[\]]+)\]$/;

/** Sets `name`, a key of an object (`name[key]`), or a key of the objects in a list (`name[][key]`). */
export function setText(fields: Fields, name: string, text: string): void {
  const [, outer, key] = BRACKETED.exec(name) ?? [];
  const [, list, listedKey] = LISTED.exec(name) ?? [];
  if (outer !== undefined && key !== undefined) fields[outer] = { ...plain(fields[outer]), [key]: text };
  else if (list !== undefined && listedKey !== undefined) {
    const items = Array.isArray(fields[list]) ? fields[list] : [];
    const last = plain(items.at(-1));
    // A key that comes again begins the next object.
    fields[list] =
      items.length === 0 || Object.hasOwn(last, listedKey)
        ? [...items, { [listedKey]: text }]
        : [...items.slice(0, -1), { ...last, [listedKey]: text }];
  } else fields[name] = FILE_FIELDS.has(name) ? new TextPart(text) : text;
}

function plain(value: unknown): object {
  const isPlain = typeof value === 'object' && value !== null && !(value instanceof UploadedFile);
  return isPlain ? value : {};
}
