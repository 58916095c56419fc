import { findSharedContent, type ServiceContext } from '@reelgate/core';
import type { Logger } from '@reelgate/runtime';
import { Hono } from 'hono';
import { ApiError } from '../errors.ts';
import type { GatewayEnv } from '../gateway-env.ts';
import { refuseOtherMethods } from '../middleware/refuse-other-methods.ts';
import { sendObject, servedAs } from '../send-object.ts';

/** `/share/<token>`: one variant of one video, without a key. Whatever shows nothing is answered in the same words. */
export function createShareRoutes(deps: {
  readonly service: ServiceContext;
  readonly log: Logger;
}): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .get('/:token', async (c) => {
      const content = await findSharedContent(deps.service, c.req.param('token'));
      if (!content) {
        throw new ApiError(404, 'This link is not valid or has expired.', { code: 'link_not_valid' });
      }
      c.var.record.videoId = content.videoId;
      // The address is the secret, and the page that a video is opened from may have links of its own.
      c.env.outgoing.setHeader('referrer-policy', 'no-referrer');
      c.env.outgoing.setHeader('x-robots-tag', 'noindex');
      return await sendObject(
        c,
        { store: deps.service.ports.objects, log: deps.log },
        servedAs(content, 'inline'),
      );
    })
    .all('/:token', refuseOtherMethods('GET', 'HEAD'));
}
