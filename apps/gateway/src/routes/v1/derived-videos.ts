import { type DeriveVideoInput, deriveVideo } from '@reelgate/core';
import { type Context, Hono } from 'hono';
import { answerStarted } from '../../answer-video.ts';
import { parseEdit, parseExtend, parseRemix } from '../../derive-request.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import { videoIdOf } from '../../ids.ts';
import type { FileField } from '../../media-type.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import type { Fields } from '../../request-fields.ts';
import { requestIdentity } from '../../request-identity.ts';
import { callerOf, type V1Deps } from './deps.ts';

/** Videos that are made from another one: of the team's own by its id, or from a file that comes along. */
export function createDerivedVideosRoutes(deps: V1Deps): Hono<GatewayEnv> {
  const caller = callerOf(deps);

  const derive = async (
    c: Context<GatewayEnv>,
    file: FileField | null,
    parse: (fields: Fields) => DeriveVideoInput | Promise<DeriveVideoInput>,
  ) => {
    const identity = requestIdentity(c.env.incoming);
    const started = await deps.withFields(c.env.incoming, { file }, async (fields) =>
      deriveVideo(caller(c), await parse(fields), identity),
    );
    return await answerStarted(c, caller(c), started, deps);
  };

  return new Hono<GatewayEnv>()
    .post('/edits', (c) => derive(c, 'video', parseEdit))
    .all('/edits', refuseOtherMethods('POST'))
    .post('/extensions', (c) => derive(c, 'video', parseExtend))
    .all('/extensions', refuseOtherMethods('POST'))
    .post('/:videoId/remix', (c) => {
      const id = videoIdOf(c);
      return derive(c, null, (fields) => parseRemix(fields, id));
    })
    .all('/:videoId/remix', refuseOtherMethods('POST'));
}
