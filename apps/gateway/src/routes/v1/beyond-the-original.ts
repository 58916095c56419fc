import { cancelVideo, getLineage, quoteVideo } from '@reelgate/core';
import { Hono } from 'hono';
import { parseQuote } from '../../create-request.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import { videoIdOf } from '../../ids.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import { serializeLineage, serializeQuote, serializeVideo } from '../../serialize.ts';
import { callerOf, type V1Deps } from './deps.ts';

/** What the original has not: a price before it is paid, an end before the beginning, and where a video comes from. */
export function createBeyondTheOriginalRoutes(deps: V1Deps): Hono<GatewayEnv> {
  const caller = callerOf(deps);
  return new Hono<GatewayEnv>()
    .post('/quote', async (c) => {
      const quote = await deps.withFields(c.env.incoming, { file: 'input_reference' }, (fields) =>
        quoteVideo(caller(c), parseQuote(fields)),
      );
      return c.json(serializeQuote(quote, c.var.record.id));
    })
    .all('/quote', refuseOtherMethods('POST'))
    .post('/:videoId/cancel', async (c) => c.json(serializeVideo(await cancelVideo(caller(c), videoIdOf(c)))))
    .all('/:videoId/cancel', refuseOtherMethods('POST'))
    .get('/:videoId/lineage', async (c) =>
      c.json(serializeLineage(await getLineage(caller(c), videoIdOf(c)))),
    )
    .all('/:videoId/lineage', refuseOtherMethods('GET', 'HEAD'));
}
