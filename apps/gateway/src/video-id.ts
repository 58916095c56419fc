import { VIDEO_ID_PATTERN } from '@reelgate/contract';
import { ReelgateError } from '@reelgate/core';
import type { Context } from 'hono';
import type { GatewayEnv } from './gateway-env.ts';

/** The id in the path, for the log as well. What cannot be an id is answered like one that does not exist, without a look-up. */
export function videoIdOf(c: Context<GatewayEnv>): string {
  const id = c.req.param('videoId') ?? '';
  if (!VIDEO_ID_PATTERN.test(id)) {
    throw new ReelgateError('video_not_found', `Video with id '${id.slice(0, 80)}' not found.`, {
      param: 'video_id',
    });
  }
  c.var.record.videoId = id;
  return id;
}
