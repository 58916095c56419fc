import { createCharacter, getCharacter } from '@reelgate/core';
import { Hono } from 'hono';
import { parseCharacter } from '../../character-request.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import { checkCharacterId } from '../../ids.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import { serializeCharacter } from '../../serialize.ts';
import { callerOf, type V1Deps } from './deps.ts';

export function createCharactersRoutes(deps: V1Deps): Hono<GatewayEnv> {
  const caller = callerOf(deps);
  return new Hono<GatewayEnv>()
    .post('/', async (c) => {
      const character = await deps.withFields(
        c.env.incoming,
        { file: 'video', formOnly: true },
        async (fields) => {
          const input = await parseCharacter(fields);
          c.var.record.model = input.model;
          // What the upstream has made is recorded, also when the process is told to stop meanwhile.
          return await deps.background.track(createCharacter(caller(c), input));
        },
      );
      return c.json(serializeCharacter(character));
    })
    .all('/', refuseOtherMethods('POST'))
    .get('/:characterId', async (c) => {
      const id = checkCharacterId(c.req.param('characterId'), 'character_id');
      return c.json(serializeCharacter(await getCharacter(caller(c), id)));
    })
    .all('/:characterId', refuseOtherMethods('GET', 'HEAD'));
}
