import { createFile, deleteFile, getFile, listFiles } from '@reelgate/core';
import { type Context, Hono } from 'hono';
import { parseFile, parseFilesQuery } from '../../file-request.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import { checkFileId } from '../../ids.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import { sendObject, servedAs } from '../../send-object.ts';
import { serializeFile, serializeFilePage } from '../../serialize.ts';
import { callerOf, type V1Deps } from './deps.ts';

/** Files that a team keeps here, so that videos can be started from them by id. */
export function createFilesRoutes(deps: V1Deps): Hono<GatewayEnv> {
  const caller = callerOf(deps);
  const idOf = (c: Context<GatewayEnv>) => checkFileId(c.req.param('fileId') ?? '', 'file_id');
  return new Hono<GatewayEnv>()
    .post('/', async (c) => {
      const file = await deps.withFields(c.env.incoming, { file: 'file', formOnly: true }, (fields) =>
        createFile(caller(c), parseFile(fields), { maxTeamBytes: deps.fileStorageMaxBytes }),
      );
      return c.json(serializeFile(file));
    })
    .get('/', async (c) => {
      const query = parseFilesQuery(new URL(c.req.url).searchParams);
      return c.json(serializeFilePage(await listFiles(caller(c), query)));
    })
    .all('/', refuseOtherMethods('GET', 'HEAD', 'POST'))
    .get('/:fileId', async (c) => c.json(serializeFile(await getFile(caller(c), idOf(c)))))
    .delete('/:fileId', async (c) => {
      const id = idOf(c);
      await deleteFile(caller(c), id);
      return c.json({ id, object: 'file', deleted: true });
    })
    .all('/:fileId', refuseOtherMethods('GET', 'HEAD', 'DELETE'))
    .get('/:fileId/content', async (c) => {
      const file = await getFile(caller(c), idOf(c));
      return await sendObject(
        c,
        { store: deps.service.ports.objects, log: deps.log },
        servedAs(file, `attachment; filename="${file.id}"`),
      );
    })
    .all('/:fileId/content', refuseOtherMethods('GET', 'HEAD'));
}
