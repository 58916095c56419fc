import { VARIANTS, type Variant } from '@reelgate/contract';
import { findContent } from '@reelgate/core';
import { Hono } from 'hono';
import { badRequest } from '../../errors.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import { videoIdOf } from '../../ids.ts';
import { single } from '../../list-query.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import { sendObject, servedAs } from '../../send-object.ts';
import { callerOf, type V1Deps } from './deps.ts';

/** By the type that is stored, because upstreams differ in what they make of a still. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'image/webp': 'webp',
  'image/jpeg': 'jpg',
  'image/png': 'png',
};

/** How long the link behind a redirect is good for. */
const REDIRECT_SECONDS = 300;

/** The bytes of a video, whatever the request says it accepts: every SDK asks for `application/binary`. */
export function createVideoContentRoutes(deps: V1Deps): Hono<GatewayEnv> {
  const caller = callerOf(deps);
  return new Hono<GatewayEnv>()
    .get('/:videoId/content', async (c) => {
      const id = videoIdOf(c);
      const variant = parseVariant(single(new URL(c.req.url).searchParams, 'variant'));
      c.var.record.variant = variant;
      const content = await findContent(caller(c), id, variant);
      const suffix = variant === 'video' ? '' : `_${variant}`;
      const fileName = `${id}${suffix}.${EXTENSIONS[content.contentType] ?? 'bin'}`;
      // A presigned URL is good for GET alone.
      if (deps.contentRedirect && c.env.incoming.method === 'GET') {
        const location = await deps.service.ports.objects.presign(content.objectKey, {
          expiresInSeconds: REDIRECT_SECONDS,
          contentType: content.contentType,
          fileName,
        });
        return c.body(null, 302, { location, 'cache-control': 'private, no-store' });
      }
      return await sendObject(
        c,
        { store: deps.service.ports.objects, log: deps.log },
        servedAs(content, `attachment; filename="${fileName}"`),
      );
    })
    .all('/:videoId/content', refuseOtherMethods('GET', 'HEAD'));
}

function parseVariant(value: string | undefined): Variant {
  if (value === undefined) return 'video';
  const variant = VARIANTS.find((known) => known === value);
  if (variant !== undefined) return variant;
  const list = VARIANTS.map((known) => `'${known}'`).join(', ');
  throw badRequest('invalid_value', `Invalid 'variant': supported values are ${list}.`, 'variant');
}
