import { LIMITS } from '@reelgate/contract';
import type { createCharacter, UpstreamFile } from '@reelgate/core';
import { invalidType, missing, parseModel, requiredText } from './parse-fields.ts';
import { type Fields, unsupportedParameter } from './request-fields.ts';
import { SpooledFile } from './spool.ts';
import { videoFile } from './uploads.ts';

/** Throws 400. */
export async function parseCharacter(fields: Fields): Promise<Parameters<typeof createCharacter>[1]> {
  const { name, video, model, ...rest } = fields;
  const [other] = Object.keys(rest);
  if (other !== undefined) throw unsupportedParameter(other);
  return {
    name: requiredText('name', name, LIMITS.characterNameMaxLength),
    model: parseModel(model),
    video: await parseVideo(video),
  };
}

async function parseVideo(video: unknown): Promise<UpstreamFile> {
  if (video === undefined || video === null) throw missing('video');
  if (!(video instanceof SpooledFile)) throw invalidType('video', video, 'a file');
  const { field, fileName, contentType, bytes, open } = await videoFile(video);
  return { field, fileName, contentType, bytes, open: async () => open() };
}
