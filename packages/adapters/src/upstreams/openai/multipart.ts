import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { UpstreamFile, UpstreamJob } from '@reelgate/core/ports';

export type Field = readonly [name: string, value: string];

const MAX_DEPTH = 8;
const OWN_FIELDS = new Set(['model', 'prompt', 'seconds', 'size']);
/**
 * Fields that name a file or an address. Some servers read a text in them as a path on their own disk, or fetch it from
 * inside their network; so a caller's text never travels there.
 */
const REFERENCE =
  /^((input|image|video|audio|reference)_)?(reference|image|video|audio|url|path|file)s?(_(url|path|id)s?)?(\[|$)/i;

/** The name of a parameter that must not travel as a plain field, if there is one. */
export function findUnsendable(params: UpstreamJob['params']): string | undefined {
  return Object.keys(params).find((name) => REFERENCE.test(name) || depthOf(params[name]) > MAX_DEPTH);
}

/** Every field of a job, in order. Structures are spelled as the official SDKs spell them: `key[inner]`, `key[]`. */
export function formFields(job: UpstreamJob): Field[] {
  const params = Object.entries(job.params).filter(([name]) => !OWN_FIELDS.has(name));
  return [...ownFields(job), ...params.flatMap(([name, value]) => spell(name, value))];
}

function ownFields(job: UpstreamJob): Field[] {
  const seconds: Field = ['seconds', String(job.seconds)];
  switch (job.operation) {
    case 'create':
      return [
        ['model', job.model],
        ['prompt', job.prompt],
        seconds,
        ['size', job.size],
        ...referenceFields(job),
      ];
    case 'remix':
      return [['prompt', job.prompt]];
    case 'edit':
      return [['prompt', job.prompt], ...sourceFields(job)];
    case 'extend':
      return [['prompt', job.prompt], seconds, ...sourceFields(job)];
  }
}

/** An id tells the model; a file does not. */
function sourceFields(job: UpstreamJob): Field[] {
  return job.source ? [['video[id]', job.source.id]] : [['model', job.model]];
}

function referenceFields({ reference, characterIds }: UpstreamJob): Field[] {
  const characters = characterIds.map((id): Field => ['characters[][id]', id]);
  return reference ? [['input_reference[image_url]', reference.imageUrl], ...characters] : characters;
}

export interface EncodedForm {
  readonly contentType: string;
  /** Bytes of the whole body. */
  readonly contentLength: number;
  readonly body: Buffer | Readable;
}

/** Up to this many bytes of files are read before anything is sent, so that nothing can break the request off half-way. */
const BUFFERED_BYTES = 32 * 1024 * 1024;

/**
 * A whole multipart/form-data body, its length known. Own code because the standard `FormData` rewrites every line break of a
 * value to CRLF: the prompt that is rendered would not be the prompt that was sent, nor could a lost create be recognized by it.
 * Throws where a file cannot be opened; nothing has been sent then.
 */
export async function encodeForm(
  fields: readonly Field[],
  files: readonly UpstreamFile[] = [],
): Promise<EncodedForm> {
  // 128 random bits: no value can contain it.
  const boundary = `reelgate-${randomBytes(16).toString('hex')}`;
  const texts = fields.map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(name)}"\r\n\r\n${value}\r\n`,
  );
  const parts: (Buffer | Readable)[] = [Buffer.from(texts.join(''), 'utf8')];
  let contentLength = (parts[0] as Buffer).length;
  const buffered = files.reduce((sum, file) => sum + file.bytes, 0) <= BUFFERED_BYTES;
  for (const file of files) {
    const head = Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${file.field}"; filename="${escapeName(file.fileName)}"\r\nContent-Type: ${file.contentType}\r\n\r\n`,
    );
    const content = await file.open();
    parts.push(head, buffered ? await buffer(content) : content, Buffer.from('\r\n'));
    contentLength += head.length + file.bytes + 2;
  }
  const end = Buffer.from(`--${boundary}--\r\n`);
  parts.push(end);
  contentLength += end.length;
  const body = buffered ? Buffer.concat(parts as Buffer[]) : Readable.from(inTurn(parts));
  return { contentType: `multipart/form-data; boundary=${boundary}`, contentLength, body };
}

async function* inTurn(parts: readonly (Buffer | Readable)[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if (Buffer.isBuffer(part)) yield part;
    else yield* part as AsyncIterable<Buffer>;
  }
}

function spell(name: string, value: unknown): Field[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => spell(`${name}[]`, item));
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([key, inner]) => spell(`${name}[${key}]`, inner));
  }
  return [[name, String(value)]];
}

function escapeName(name: string): string {
  return name.replace(/["\r\n]/g, (character) => encodeURIComponent(character));
}

/** Stops counting just beyond the limit, so that no nesting can exhaust the stack. */
function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return depth;
  return Object.values(value).reduce<number>(
    (most, inner) => Math.max(most, depthOf(inner, depth + 1)),
    depth,
  );
}
