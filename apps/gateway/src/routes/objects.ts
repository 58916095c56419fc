import type { PresignedObject } from '@reelgate/adapters/object-store';
import type { ObjectStore } from '@reelgate/core';
import type { Logger } from '@reelgate/runtime';
import { Hono } from 'hono';
import { ApiError } from '../errors.ts';
import type { GatewayEnv } from '../gateway-env.ts';
import { refuseOtherMethods } from '../middleware/refuse-other-methods.ts';
import { sendObject } from '../send-object.ts';

/**
 * Presigned URLs of a store that has no server of its own. The signature in the URL is the permission; it names the type and
 * the file name too, so that nothing of the answer is the caller's choice. Shown in place, so that a browser can play it.
 */
export function createObjectsRoutes(deps: {
  readonly store: ObjectStore;
  readonly verify: (url: URL) => PresignedObject | null;
  readonly log: Logger;
}): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .get('/*', async (c) => {
      const found = deps.verify(new URL(c.req.url));
      const head = found && (await deps.store.head(found.key));
      if (!head) {
        throw new ApiError(404, 'This link is not valid or has expired.', { code: 'link_not_valid' });
      }
      return await sendObject(c, deps, {
        key: found.key,
        bytes: head.bytes,
        contentType: found.contentType,
        // Keys are written once, so a key and a length name the content.
        etag: `"${Buffer.from(`${found.key} ${head.bytes}`).toString('base64url')}"`,
        disposition: `inline; filename="${found.fileName.replace(/[^\w. -]/g, '_')}"`,
      });
    })
    .all('/*', refuseOtherMethods('GET', 'HEAD'));
}
