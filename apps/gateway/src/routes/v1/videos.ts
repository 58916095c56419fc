import {
  type CallerContext,
  createVideo,
  deleteVideo,
  getVideo,
  listVideos,
  type ServiceContext,
} from '@reelgate/core';
import { type Context, Hono } from 'hono';
import { parseCreate } from '../../create-request.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import { parseListQuery } from '../../list-query.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import { pollAfterMs } from '../../poll-after.ts';
import { readFields } from '../../request-fields.ts';
import { serializePage, serializeVideo } from '../../serialize.ts';
import { videoIdOf } from '../../video-id.ts';

export function createVideosRoutes(deps: {
  readonly service: ServiceContext;
  readonly bodyTimeoutMs: number;
}): Hono<GatewayEnv> {
  const callerOf = (c: Context<GatewayEnv>): CallerContext => ({
    ...deps.service,
    principal: c.var.principal,
  });

  return new Hono<GatewayEnv>()
    .post('/', async (c) => {
      const input = parseCreate(await readFields(c.env.incoming, deps.bodyTimeoutMs));
      c.var.record.model = input.model;
      const { video } = await createVideo(callerOf(c), input);
      c.var.record.videoId = video.id;
      return c.json(serializeVideo(video));
    })
    .get('/', async (c) => {
      const query = parseListQuery(new URL(c.req.url).searchParams);
      return c.json(serializePage(await listVideos(callerOf(c), query)));
    })
    .all('/', refuseOtherMethods('GET', 'HEAD', 'POST'))
    .get('/:videoId', async (c) => {
      const video = await getVideo(callerOf(c), videoIdOf(c));
      const pollAfter = pollAfterMs(video, Date.now());
      if (pollAfter !== null) c.env.outgoing.setHeader('openai-poll-after-ms', String(pollAfter));
      return c.json(serializeVideo(video));
    })
    .delete('/:videoId', async (c) => {
      const id = videoIdOf(c);
      await deleteVideo(callerOf(c), id);
      return c.json({ id, object: 'video.deleted', deleted: true });
    })
    .all('/:videoId', refuseOtherMethods('GET', 'HEAD', 'DELETE'));
}
