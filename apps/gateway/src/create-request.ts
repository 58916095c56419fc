import { LIMITS } from '@reelgate/contract';
import type { CreateVideoInput } from '@reelgate/core';
import { badRequest } from './errors.ts';
import { checkCharacterId, checkFileId } from './ids.ts';
import { checkImageUrl } from './image-url.ts';
import {
  invalidType,
  isObject,
  missing,
  parseMetadata,
  parseModel,
  parsePrompt,
  parseRest,
  parseSeconds,
  parseSize,
  parseWebhookUrl,
} from './parse-fields.ts';
import type { Fields } from './request-fields.ts';
import { SpooledFile } from './spool.ts';
import { imageFile } from './uploads.ts';

/** Reads the fields of a create; whether the model offers what is asked is core's to say. Throws 400. */
export function parseCreate(fields: Fields): CreateVideoInput {
  const {
    prompt,
    model,
    seconds,
    size,
    input_reference: reference,
    characters,
    metadata,
    webhook_url: webhookUrl,
    ...rest
  } = fields;
  return {
    prompt: parsePrompt(prompt),
    model: parseModel(model),
    seconds: parseSeconds(seconds),
    size: parseSize(size),
    ...parseReference(reference),
    characterIds: parseCharacters(characters),
    metadata: parseMetadata(metadata),
    webhookUrl: parseWebhookUrl(webhookUrl),
    params: parseRest(rest),
  };
}

/** What decides the price of a create and which limits count it; the rest of it counts for nothing here. Throws 400. */
export function parseQuote({ model, seconds, size, metadata }: Fields) {
  return {
    model: parseModel(model),
    seconds: parseSeconds(seconds),
    size: parseSize(size),
    metadata: parseMetadata(metadata),
  };
}

/** A file, a data URL that has become one, a file of the team's, or the URL of a picture. */
function parseReference(value: unknown): Pick<CreateVideoInput, 'files' | 'references' | 'fileId'> {
  if (value === undefined || value === null) return {};
  if (value instanceof SpooledFile) return { files: [imageFile(value)] };
  if (!isObject(value)) throw invalidType('input_reference', value, 'a file or an object');
  const { image_url: url, file_id: fileId, ...rest } = value;
  const [other] = Object.keys(rest);
  if (other !== undefined) {
    const message = `Invalid 'input_reference': expected a 'file_id' or an 'image_url', but got '${other}'.`;
    throw badRequest('invalid_value', message, 'input_reference');
  }
  if (fileId !== undefined && fileId !== null) {
    if (url !== undefined && url !== null) {
      const message = "Provide exactly one of 'file_id' and 'image_url' in 'input_reference'.";
      throw badRequest('invalid_value', message, 'input_reference');
    }
    if (typeof fileId !== 'string') throw invalidType('input_reference.file_id', fileId, 'a string');
    return { fileId: checkFileId(fileId, 'input_reference') };
  }
  if (url instanceof SpooledFile) return { files: [imageFile(url)] };
  if (url === undefined || url === null) throw missing('input_reference.image_url');
  if (typeof url !== 'string') throw invalidType('input_reference.image_url', url, 'a string');
  return { references: [{ kind: 'image_url', url: checkImageUrl(url) }] };
}

function parseCharacters(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidType('characters', value, 'an array');
  if (value.length > LIMITS.charactersMax) {
    const message = `Invalid 'characters': expected at most ${LIMITS.charactersMax} of them.`;
    throw badRequest('invalid_value', message, 'characters');
  }
  return value.map((item: unknown) => {
    if (!isObject(item)) throw invalidType('characters', item, "objects with an 'id' in it");
    if (item.id === undefined || item.id === null) throw missing('characters[].id');
    if (typeof item.id !== 'string') throw invalidType('characters', item.id, 'a string as id');
    return checkCharacterId(item.id, 'characters');
  });
}
