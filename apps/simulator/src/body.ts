import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { z } from 'zod';
import { invalid, OpenAiError } from './openai-error.ts';

export interface FileReference {
  readonly kind: 'file';
  /** Absent when the part had none, which the real service took for a string. */
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
}

export type InputReference =
  | FileReference
  | { readonly kind: 'object'; readonly file_id?: string; readonly image_url?: string };

export interface CreateRequest {
  readonly prompt: string;
  readonly model: string;
  readonly seconds: string;
  readonly size: string;
  readonly inputReference: InputReference | null;
}

const MODELS = ['sora-2', 'sora-2-pro', 'sora-2-2025-10-06', 'sora-2-2025-12-08', 'sora-2-pro-2025-10-06'];
const SECONDS = ['4', '8', '12', '16', '20'];
const SIZES = ['720x1280', '1280x720', '1024x1792', '1792x1024', '1080x1920', '1920x1080'];
const PROMPT_LENGTH = 32_000;
const REFERENCE_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'video/mp4'];

const referenceObject = z.union([
  z.object({ file_id: z.string().min(1), image_url: z.undefined().optional() }),
  z.object({ image_url: z.string().min(1), file_id: z.undefined().optional() }),
]);

/** The fields of a body by name: texts, objects of bracket keys, files. Unknown fields are let through unread. */
export type Fields = Record<string, unknown>;

/** Reads a form or a JSON body. Throws an OpenAiError for one that is neither. */
export async function readFields(incoming: IncomingMessage): Promise<Fields> {
  const type = incoming.headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) return await readForm(incoming);
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch {
    throw new OpenAiError(400, 'We could not parse the JSON body of your request.');
  }
}

/** Checks the fields of a create as the real service did, and fills in its defaults. */
export function parseCreate(fields: Fields): CreateRequest {
  const prompt = fields.prompt;
  if (prompt === undefined || prompt === '') {
    throw invalid('prompt', "Missing required parameter: 'prompt'.", 'missing_required_parameter');
  }
  if (typeof prompt !== 'string') throw wrongType('prompt', 'a string', prompt);
  if (prompt.length > PROMPT_LENGTH) {
    throw invalid(
      'prompt',
      `Invalid 'prompt': at most ${PROMPT_LENGTH} characters.`,
      'string_above_max_length',
    );
  }
  return {
    prompt,
    model: oneOf(fields, 'model', MODELS, 'sora-2'),
    seconds: oneOf(fields, 'seconds', SECONDS, '4'),
    size: oneOf(fields, 'size', SIZES, '720x1280'),
    inputReference: parseReference(fields.input_reference),
  };
}

/** The refusals that cost users of real SDKs an afternoon; off by default, since few upstreams are so strict. */
export function checkReferenceStrictly(reference: InputReference | null): void {
  if (reference?.kind !== 'file') return;
  if (reference.filename === undefined) throw wrongType('input_reference', 'a file', '');
  if (REFERENCE_TYPES.includes(reference.contentType)) return;
  throw invalid(
    'input_reference',
    `Invalid file 'input_reference': unsupported mimetype ('${reference.contentType}'). ` +
      `Supported file formats are ${REFERENCE_TYPES.join(', ')}.`,
    'unsupported_file_mimetype',
  );
}

function oneOf(fields: Fields, name: string, allowed: readonly string[], fallback: string): string {
  const value = fields[name] ?? fallback;
  const list = allowed.map((each) => `'${each}'`).join(', ');
  if (typeof value !== 'string') throw wrongType(name, `one of ${list}`, value);
  if (allowed.includes(value)) return value;
  throw invalid(name, `Invalid value: '${value}'. Supported values are: ${list}.`);
}

function wrongType(param: string, expected: string, value: unknown): OpenAiError {
  const got = Number.isInteger(value)
    ? 'an integer'
    : Array.isArray(value)
      ? 'an array'
      : `a ${typeof value}`;
  return invalid(
    param,
    `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`,
    'invalid_type',
  );
}

function parseReference(value: unknown): InputReference | null {
  if (value === undefined || value === null) return null;
  if (value instanceof TextPart) throw wrongType('input_reference', 'a file', value.text);
  if (typeof value !== 'object') throw wrongType('input_reference', 'an object', value);
  if ('kind' in value && value.kind === 'file') return value as FileReference;
  const object = referenceObject.safeParse(value);
  if (!object.success) {
    throw invalid(
      'input_reference',
      "Provide exactly one of 'file_id' and 'image_url' in 'input_reference'.",
    );
  }
  const { file_id, image_url } = object.data;
  return file_id !== undefined ? { kind: 'object', file_id } : { kind: 'object', image_url: image_url ?? '' };
}

/** A form's text where a file belongs. */
class TextPart {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const FILE_FIELDS = new Set(['input_reference', 'video']);
const BRACKETED = /^([^[\]]+)\[([^[\]]+)\]$/;

function readForm(incoming: IncomingMessage): Promise<Fields> {
  const fields: Fields = {};
  const set = (name: string, text: string) => {
    const [, outer, inner] = BRACKETED.exec(name) ?? [];
    if (outer === undefined || inner === undefined) {
      fields[name] = FILE_FIELDS.has(name) ? new TextPart(text) : text;
      return;
    }
    const object = fields[outer];
    fields[outer] = { ...(object && typeof object === 'object' ? object : {}), [inner]: text };
  };
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
    form.on('field', (name, value) => set(name, value));
    form.on('file', (name, stream, filename, _encoding, contentType) => {
      const hash = createHash('sha256');
      let bytes = 0;
      stream.on('data', (chunk: Uint8Array) => {
        hash.update(chunk);
        bytes += chunk.length;
      });
      stream.on('error', refuse);
      stream.on('end', () => {
        fields[name] = { kind: 'file', filename, contentType, bytes, sha256: hash.digest('hex') };
      });
    });
    form.on('finish', () => resolve(fields));
    form.on('error', refuse);
    incoming.on('error', refuse);
    incoming.on('aborted', refuse);
    incoming.pipe(form);
  });
}
