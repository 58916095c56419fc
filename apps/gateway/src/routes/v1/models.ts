import type { ModelList } from '@reelgate/contract';
import { findModel, listModels, type PricedModel } from '@reelgate/core';
import { Hono } from 'hono';
import type { GatewayEnv } from '../../gateway-env.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import { serializeModel } from '../../serialize.ts';
import { callerOf, type V1Deps } from './deps.ts';

/** The models of the configuration. A name may have slashes in it. */
export function createModelsRoutes({ service }: Pick<V1Deps, 'service'>): Hono<GatewayEnv> {
  const caller = callerOf({ service });
  const serialized = (priced: PricedModel) =>
    serializeModel(priced, service.ports.upstreams(priced.model.upstreamAccountId)?.capabilities);

  return new Hono<GatewayEnv>()
    .get('/', async (c) => {
      const models = (await listModels(caller(c))).map(serialized);
      models.sort((a, b) => (a.id < b.id ? -1 : 1));
      return c.json({ object: 'list', data: models } satisfies ModelList);
    })
    .all('/', refuseOtherMethods('GET', 'HEAD'))
    .get('/:model{.+}', async (c) => c.json(serialized(await findModel(caller(c), c.req.param('model')))))
    .all('/:model{.+}', refuseOtherMethods('GET', 'HEAD'));
}
