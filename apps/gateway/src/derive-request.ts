import type { DeriveVideoInput } from '@reelgate/core';
import { checkVideoId } from './ids.ts';
import {
  invalidType,
  isObject,
  missing,
  parseMetadata,
  parseModel,
  parsePrompt,
  parseRest,
  parseSeconds,
  parseWebhookUrl,
} from './parse-fields.ts';
import type { Fields } from './request-fields.ts';
import { SpooledFile } from './spool.ts';
import { videoFile } from './uploads.ts';

/** A remix keeps model, seconds and size of its source. Throws 400. */
export function parseRemix(fields: Fields, videoId: string): DeriveVideoInput {
  const { prompt, metadata, webhook_url: webhookUrl, ...rest } = fields;
  return {
    operation: 'remix',
    prompt: parsePrompt(prompt),
    source: { videoId, param: 'video_id' },
    model: parseModel(undefined),
    metadata: parseMetadata(metadata),
    webhookUrl: parseWebhookUrl(webhookUrl),
    params: parseRest(rest),
  };
}

/** Throws 400. */
export async function parseEdit(fields: Fields): Promise<DeriveVideoInput> {
  const { prompt, video, model, metadata, webhook_url: webhookUrl, ...rest } = fields;
  return {
    operation: 'edit',
    prompt: parsePrompt(prompt),
    model: parseModel(model),
    metadata: parseMetadata(metadata),
    webhookUrl: parseWebhookUrl(webhookUrl),
    params: parseRest(rest),
    source: await parseSource(video),
  };
}

/** Throws 400. `seconds` is what is added. */
export async function parseExtend(fields: Fields): Promise<DeriveVideoInput> {
  const { prompt, video, seconds, model, metadata, webhook_url: webhookUrl, ...rest } = fields;
  const addedSeconds = parseSeconds(seconds);
  if (addedSeconds === undefined) throw missing('seconds');
  return {
    operation: 'extend',
    prompt: parsePrompt(prompt),
    addedSeconds,
    model: parseModel(model),
    metadata: parseMetadata(metadata),
    webhookUrl: parseWebhookUrl(webhookUrl),
    params: parseRest(rest),
    source: await parseSource(video),
  };
}

async function parseSource(video: unknown): Promise<DeriveVideoInput['source']> {
  if (video === undefined || video === null) throw missing('video');
  if (video instanceof SpooledFile) return { file: await videoFile(video) };
  if (!isObject(video)) throw invalidType('video', video, "a file or an object with an 'id'");
  const { id } = video;
  if (id === undefined || id === null) throw missing('video.id');
  if (typeof id !== 'string') throw invalidType('video.id', id, 'a string');
  return { videoId: checkVideoId(id, 'video'), param: 'video' };
}
