import { DEFAULTS, LIMITS } from '@reelgate/contract';
import type { CreateVideoInput } from '@reelgate/core';
import { type ApiError, badRequest } from './errors.ts';
import { unsupportedParameter } from './request-fields.ts';

const SECONDS = /^[1-9]\d{0,3}$/;
const SIZE = /^\d{2,5}x\d{2,5}$/;
const MODEL_MAX_LENGTH = 100;

/**
 * What must not reach an upstream as it came. Ids and files would point into the upstream account that all teams share.
 * The others change how much is rendered, and so what it costs, past the `seconds` and `size` that are paid for.
 */
const REFUSED: ReadonlySet<string> = new Set([
  ...['input_reference', 'image_reference', 'video_reference', 'reference', 'characters', 'character_ids'],
  ...['video', 'video_id', 'remix_id', 'remix_video_id', 'remixed_from_video_id', 'file_id', 'image_url'],
  ...['n', 'num_videos', 'num_outputs', 'num_outputs_per_prompt', 'batch_size', 'num_samples'],
  ...['duration', 'num_frames', 'frames', 'width', 'height', 'resolution', 'extra_params'],
]);

/** Reads the fields of a create; whether the model offers what is asked is core's to say. Throws 400. */
export function parseCreate(fields: Record<string, unknown>): CreateVideoInput {
  const { prompt, model, seconds, size, ...rest } = fields;
  const refused = Object.keys(rest).find((name) => REFUSED.has(name) && rest[name] !== null);
  if (refused !== undefined) throw unsupportedParameter(refused);
  return {
    prompt: parsePrompt(prompt),
    model: parseModel(optionalString('model', model)),
    seconds: parseSeconds(optionalString('seconds', seconds, "a string such as '4'")),
    size: parseSize(optionalString('size', size)),
    params: Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)),
  };
}

function parsePrompt(value: unknown): string {
  const prompt = optionalString('prompt', value);
  if (prompt === undefined) {
    throw badRequest('missing_required_parameter', "Missing required parameter: 'prompt'.", 'prompt');
  }
  if (prompt.trim() === '') {
    throw badRequest('invalid_value', "Invalid 'prompt': it must not be empty.", 'prompt');
  }
  if (isLongerThan(prompt, LIMITS.promptMax)) {
    const message = `Invalid 'prompt': string too long. Expected at most ${LIMITS.promptMax} characters.`;
    throw badRequest('string_above_max_length', message, 'prompt');
  }
  return prompt;
}

/** Counts code points, which are one or two units of a string. */
function isLongerThan(text: string, max: number): boolean {
  return text.length > max && (text.length > 2 * max || [...text].length > max);
}

function parseModel(model: string | undefined): string {
  if (model === undefined) return DEFAULTS.model;
  if (model === '' || model.length > MODEL_MAX_LENGTH) {
    throw badRequest('invalid_value', "Invalid 'model': expected the name of a model.", 'model');
  }
  return model;
}

function parseSeconds(seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  if (SECONDS.test(seconds)) return Number(seconds);
  throw badRequest('invalid_value', "Invalid 'seconds': expected a whole number such as '4'.", 'seconds');
}

function parseSize(size: string | undefined): string | undefined {
  if (size === undefined || SIZE.test(size)) return size;
  throw badRequest('invalid_value', "Invalid 'size': expected width and height such as '720x1280'.", 'size');
}

/** Undefined where it is left out or null. */
function optionalString(param: string, value: unknown, expected = 'a string'): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw invalidType(param, value, expected);
}

function invalidType(param: string, value: unknown, expected: string): ApiError {
  const message = `Invalid type for '${param}': expected ${expected}, but got ${describe(value)} instead.`;
  return badRequest('invalid_type', message, param);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return `a ${typeof value}`;
}
