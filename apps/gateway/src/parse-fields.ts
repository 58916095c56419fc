/** Fields that several requests have. Each throws 400 and names what is wrong with it. */
import { DEFAULTS, LIMITS, METADATA_LIMITS, SECONDS_PATTERN, SIZE_PATTERN } from '@reelgate/contract';
import { type ApiError, badRequest } from './errors.ts';
import { isStorable } from './plain-fields.ts';
import { type Fields, unsupportedParameter } from './request-fields.ts';
import { SpooledFile } from './spool.ts';

/**
 * What must not reach an upstream as it came. Ids and files would point into the upstream account that all teams share.
 * The others change how much is rendered, and so what it costs, past the `seconds` and `size` that are paid for.
 */
const REFUSED: ReadonlySet<string> = new Set([
  ...['input_reference', 'image_reference', 'video_reference', 'reference', 'characters', 'character_ids'],
  ...['video', 'video_id', 'remix_id', 'remix_video_id', 'remixed_from_video_id', 'file_id', 'image_url'],
  ...['model', 'seconds', 'size'],
  ...['n', 'num_videos', 'num_outputs', 'num_outputs_per_prompt', 'batch_size', 'num_samples'],
  ...['duration', 'num_frames', 'frames', 'width', 'height', 'resolution', 'extra_params'],
]);
const WEBHOOK_URL_MAX_LENGTH = 2_048;
const FORBIDDEN_LABELS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** What is left of a request when all that we know is taken out of it; goes to the upstream as it came. */
export function parseRest(rest: Fields): Fields {
  const given = Object.entries(rest).filter(([, value]) => value !== null);
  const refused = given.find(([name]) => REFUSED.has(name));
  if (refused) throw unsupportedParameter(refused[0]);
  return Object.fromEntries(given);
}

export function parsePrompt(value: unknown): string {
  return requiredText('prompt', value, LIMITS.promptMax);
}

/** A text with something in it, of so many code points at most. */
export function requiredText(param: string, value: unknown, maxLength: number): string {
  const text = optionalString(param, value);
  if (text === undefined) throw missing(param);
  if (text.trim() === '') {
    throw badRequest('invalid_value', `Invalid '${param}': it must not be empty.`, param);
  }
  if (isLongerThan(text, maxLength)) {
    const message = `Invalid '${param}': string too long. Expected at most ${maxLength} characters.`;
    throw badRequest('string_above_max_length', message, param);
  }
  return text;
}

/** Counts code points, which are one or two units of a string. */
function isLongerThan(text: string, max: number): boolean {
  return text.length > max && (text.length > 2 * max || [...text].length > max);
}

export function parseModel(value: unknown): string {
  const model = optionalString('model', value);
  if (model === undefined) return DEFAULTS.model;
  if (model === '' || model.length > LIMITS.modelNameMaxLength) {
    throw badRequest('invalid_value', "Invalid 'model': expected the name of a model.", 'model');
  }
  return model;
}

export function parseSeconds(value: unknown): number | undefined {
  const seconds = optionalString('seconds', value, "a string such as '4'");
  if (seconds === undefined) return undefined;
  if (SECONDS_PATTERN.test(seconds)) return Number(seconds);
  throw badRequest('invalid_value', "Invalid 'seconds': expected a whole number such as '4'.", 'seconds');
}

export function parseSize(value: unknown): string | undefined {
  const size = optionalString('size', value);
  if (size === undefined || SIZE_PATTERN.test(size)) return size;
  throw badRequest('invalid_value', "Invalid 'size': expected width and height such as '720x1280'.", 'size');
}

/** Where this video's end is told of besides; whether it may is core's to say. */
export function parseWebhookUrl(value: unknown): string | undefined {
  const url = optionalString('webhook_url', value);
  if (url === undefined || (URL.canParse(url) && url.length <= WEBHOOK_URL_MAX_LENGTH)) return url;
  const message = `Invalid 'webhook_url': expected a URL of at most ${WEBHOOK_URL_MAX_LENGTH} characters.`;
  throw badRequest('invalid_value', message, 'webhook_url');
}

/** The caller's own labels; an empty record where there are none. */
export function parseMetadata(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw invalidType('metadata', value, 'an object');
  const entries = Object.entries(value);
  const { keysMax, keyMaxLength, valueMaxLength } = METADATA_LIMITS;
  if (entries.length > keysMax) throw invalidMetadata(`at most ${keysMax} keys`);
  for (const [key, label] of entries) {
    if (typeof label !== 'string') throw invalidType('metadata', label, 'only strings in it');
    if (key === '' || key.length > keyMaxLength)
      throw invalidMetadata(`keys of 1 to ${keyMaxLength} characters`);
    if (label.length > valueMaxLength)
      throw invalidMetadata(`values of at most ${valueMaxLength} characters`);
    if (FORBIDDEN_LABELS.has(key) || !isStorable(key) || !isStorable(label)) {
      throw invalidMetadata('no keys or values with characters that are not allowed');
    }
  }
  return Object.fromEntries(entries as [string, string][]);
}

/** Undefined where it is left out or null. */
function optionalString(param: string, value: unknown, expected = 'a string'): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw invalidType(param, value, expected);
}

export function isObject(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof SpooledFile)
  );
}

export function missing(param: string): ApiError {
  return badRequest('missing_required_parameter', `Missing required parameter: '${param}'.`, param);
}

export function invalidType(param: string, value: unknown, expected: string): ApiError {
  const message = `Invalid type for '${param}': expected ${expected}, but got ${describe(value)} instead.`;
  return badRequest('invalid_type', message, param);
}

function describe(value: unknown): string {
  if (value instanceof SpooledFile) return 'a file';
  if (Array.isArray(value)) return 'an array';
  if (value === null) return 'null';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return `a ${typeof value}`;
}

function invalidMetadata(expected: string): ApiError {
  return badRequest('invalid_value', `Invalid 'metadata': expected ${expected}.`, 'metadata');
}
