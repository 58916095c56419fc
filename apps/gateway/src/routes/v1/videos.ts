import { createVideo, deleteVideo, getVideo, listVideos, markRead } from '@reelgate/core';
import { Hono } from 'hono';
import { answerStarted, answerVideo } from '../../answer-video.ts';
import { parseCreate } from '../../create-request.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import { videoIdOf } from '../../ids.ts';
import { parseListQuery } from '../../list-query.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import { requestIdentity } from '../../request-identity.ts';
import { serializePage } from '../../serialize.ts';
import { callerOf, type V1Deps } from './deps.ts';

export function createVideosRoutes(deps: V1Deps): Hono<GatewayEnv> {
  const caller = callerOf(deps);
  return new Hono<GatewayEnv>()
    .post('/', async (c) => {
      const identity = requestIdentity(c.env.incoming);
      const started = await deps.withFields(c.env.incoming, { file: 'input_reference' }, async (fields) => {
        const input = parseCreate(fields);
        c.var.record.model = input.model;
        return await createVideo(caller(c), input, identity);
      });
      return await answerStarted(c, caller(c), started, deps);
    })
    .get('/', async (c) => {
      const query = parseListQuery(new URL(c.req.url).searchParams);
      return c.json(serializePage(await listVideos(caller(c), query)));
    })
    .all('/', refuseOtherMethods('GET', 'HEAD', 'POST'))
    .get('/:videoId', async (c) => {
      const video = await getVideo(caller(c), videoIdOf(c));
      void deps.background.track(markRead(caller(c), video));
      return await answerVideo(c, caller(c), video, deps);
    })
    .delete('/:videoId', async (c) => {
      const id = videoIdOf(c);
      await deleteVideo(caller(c), id);
      return c.json({ id, object: 'video.deleted', deleted: true });
    })
    .all('/:videoId', refuseOtherMethods('GET', 'HEAD', 'DELETE'));
}
