import { FILE_ID_PATTERN, VIDEO_ID_PATTERN } from '@reelgate/contract';
import { ReelgateError } from '@reelgate/core';
import type { Context } from 'hono';
import type { GatewayEnv } from './gateway-env.ts';

const CHARACTER_ID_PATTERN = /^char_[A-Za-z0-9]{22,64}$/;

/** The id in the path, for the log as well. What cannot be an id is answered like one that does not exist, without a look-up. */
export function videoIdOf(c: Context<GatewayEnv>): string {
  const id = checkVideoId(c.req.param('videoId') ?? '', 'video_id');
  c.var.record.videoId = id;
  return id;
}

export function checkVideoId(id: string, param: string): string {
  if (VIDEO_ID_PATTERN.test(id)) return id;
  throw new ReelgateError('video_not_found', `Video with id '${shown(id)}' not found.`, { param });
}

export function checkCharacterId(id: string, param: string): string {
  if (CHARACTER_ID_PATTERN.test(id)) return id;
  throw new ReelgateError('character_not_found', `Character with id '${shown(id)}' not found.`, { param });
}

export function checkFileId(id: string, param: string): string {
  if (FILE_ID_PATTERN.test(id)) return id;
  throw new ReelgateError('file_not_found', `File with id '${shown(id)}' not found.`, { param });
}

function shown(id: string): string {
  return id.slice(0, 80);
}
