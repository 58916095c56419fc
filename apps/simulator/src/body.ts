import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { type Fields, readForm, TextPart, UploadedFile } from './form.ts';
import { invalid, OpenAiError } from './openai-error.ts';

export type InputReference =
  | UploadedFile
  | { readonly kind: 'object'; readonly file_id?: string; readonly image_url?: string };

export interface CreateRequest {
  readonly prompt: string;
  readonly model: string;
  readonly seconds: string;
  readonly size: string;
  readonly inputReference: InputReference | null;
  readonly characterIds: readonly string[];
}

/** What an edit or an extension starts from: a video of ours by its id, or a file with the model to use on it. */
export type SourceReference =
  | { readonly id: string }
  | { readonly file: UploadedFile; readonly model: string };

export const DEFAULT_SECONDS = '4';
export const DEFAULT_SIZE = '720x1280';
export const SIZES = [DEFAULT_SIZE, '1280x720', '1024x1792', '1792x1024', '1080x1920', '1920x1080'];
const MODELS = ['sora-2', 'sora-2-pro', 'sora-2-2025-10-06', 'sora-2-2025-12-08', 'sora-2-pro-2025-10-06'];
const SECONDS = [DEFAULT_SECONDS, '8', '12', '16', '20'];
const PROMPT_LENGTH = 32_000;
const PURPOSES = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'];
const NAME_LENGTH = 80;
const MAX_CHARACTERS = 2;
const FILE_TYPES = {
  input_reference: ['image/jpeg', 'image/png', 'image/webp', 'video/mp4'],
  video: ['video/mp4'],
};

const referenceObject = z.union([
  z.object({ file_id: z.string().min(1), image_url: z.undefined().optional() }),
  z.object({ image_url: z.string().min(1), file_id: z.undefined().optional() }),
]);
const expiryPolicy = z.object({
  anchor: z.literal('created_at'),
  seconds: z.coerce.number().int().min(3_600).max(2_592_000),
});
const idObject = z.object({ id: z.string().min(1) });

export function isForm(incoming: IncomingMessage): boolean {
  return /^multipart\/form-data\b/i.test(incoming.headers['content-type'] ?? '');
}

/** Reads a form or a JSON body; fields nobody knows are let through. Throws an OpenAiError for one that is neither. */
export async function readFields(incoming: IncomingMessage): Promise<Fields> {
  if (isForm(incoming)) return await readForm(incoming);
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
  return {
    prompt: parsePrompt(fields),
    model: oneOf(fields, 'model', MODELS, 'sora-2'),
    seconds: parseSeconds(fields, DEFAULT_SECONDS),
    size: oneOf(fields, 'size', SIZES, DEFAULT_SIZE),
    inputReference: parseReference(fields.input_reference),
    characterIds: parseCharacterIds(fields.characters),
  };
}

export function parsePrompt(fields: Fields): string {
  return text(fields, 'prompt', PROMPT_LENGTH);
}

/** Throws where there are none and no fallback. */
export function parseSeconds(fields: Fields, fallback?: string): string {
  return oneOf(fields, 'seconds', SECONDS, fallback);
}

/** The `video` of an edit or an extension. An id tells its model, so `model` is read for a file only. */
export function parseSource(fields: Fields): SourceReference {
  const { video } = fields;
  if (video === undefined || video === null) throw missing('video');
  if (video instanceof UploadedFile) return { file: video, model: oneOf(fields, 'model', MODELS, 'sora-2') };
  if (video instanceof TextPart) throw wrongType('video', 'a file', video.text);
  if (typeof video !== 'object' || Array.isArray(video)) throw wrongType('video', 'an object', video);
  const object = idObject.safeParse(video);
  if (!object.success) throw missing('video.id');
  return object.data;
}

export function parseCharacter(fields: Fields): { name: string; video: UploadedFile } {
  const { video } = fields;
  const name = text(fields, 'name', NAME_LENGTH);
  if (video === undefined) throw missing('video');
  if (!(video instanceof UploadedFile)) {
    throw wrongType('video', 'a file', video instanceof TextPart ? video.text : video);
  }
  return { name, video };
}

export function parseFile(fields: Fields): {
  purpose: string;
  upload: UploadedFile;
  lifeSeconds: number | null;
} {
  const { file, expires_after: expiresAfter } = fields;
  const purpose = oneOf(fields, 'purpose', PURPOSES);
  if (file === undefined) throw missing('file');
  if (!(file instanceof UploadedFile)) {
    throw wrongType('file', 'a file', file instanceof TextPart ? file.text : file);
  }
  if (expiresAfter === undefined) return { purpose, upload: file, lifeSeconds: null };
  const policy = expiryPolicy.safeParse(expiresAfter);
  if (policy.success) return { purpose, upload: file, lifeSeconds: policy.data.seconds };
  throw invalid('expires_after', "Invalid 'expires_after': expected an anchor and 3600 to 2592000 seconds.");
}

/** The refusals that cost users of real SDKs an afternoon; off by default, since few upstreams are so strict. */
export function checkFileStrictly(param: keyof typeof FILE_TYPES, file: unknown): void {
  if (!(file instanceof UploadedFile)) return;
  if (file.filename === undefined) throw wrongType(param, 'a file', '');
  if (FILE_TYPES[param].includes(file.contentType)) return;
  throw invalid(
    param,
    `Invalid file '${param}': unsupported mimetype ('${file.contentType}'). ` +
      `Supported file formats are ${FILE_TYPES[param].join(', ')}.`,
    'unsupported_file_mimetype',
  );
}

function text(fields: Fields, param: string, maxLength: number): string {
  const value = fields[param];
  if (value === undefined || value === '') throw missing(param);
  if (typeof value !== 'string') throw wrongType(param, 'a string', value);
  // In code points, as people count; a string's own length counts some of them twice.
  if (value.length <= maxLength || [...value].length <= maxLength) return value;
  throw invalid(param, `Invalid '${param}': at most ${maxLength} characters.`, 'string_above_max_length');
}

function oneOf(fields: Fields, name: string, allowed: readonly string[], fallback?: string): string {
  const value = fields[name] ?? fallback;
  if (value === undefined) throw missing(name);
  const list = allowed.map((each) => `'${each}'`).join(', ');
  if (typeof value !== 'string') throw wrongType(name, `one of ${list}`, value);
  if (allowed.includes(value)) return value;
  throw invalid(name, `Invalid value: '${value}'. Supported values are: ${list}.`);
}

function missing(param: string): OpenAiError {
  return invalid(param, `Missing required parameter: '${param}'.`, 'missing_required_parameter');
}

function wrongType(param: string, expected: string, value: unknown): OpenAiError {
  const message = `Invalid type for '${param}': expected ${expected}, but got ${nameType(value)} instead.`;
  return invalid(param, message, 'invalid_type');
}

function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (Number.isInteger(value)) return 'an integer';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function parseReference(value: unknown): InputReference | null {
  if (value === undefined || value === null) return null;
  if (value instanceof TextPart) throw wrongType('input_reference', 'a file', value.text);
  if (value instanceof UploadedFile) return value;
  if (typeof value !== 'object') throw wrongType('input_reference', 'an object', value);
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

function parseCharacterIds(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType('characters', 'an array', value);
  if (value.length > MAX_CHARACTERS) {
    const message = `Invalid 'characters': at most ${MAX_CHARACTERS} items.`;
    throw invalid('characters', message, 'array_above_max_length');
  }
  return value.map((item, index) => {
    const object = idObject.safeParse(item);
    if (object.success) return object.data.id;
    throw wrongType(`characters[${index}]`, "an object with an 'id'", item);
  });
}
