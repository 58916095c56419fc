import type { Health } from '@reelgate/runtime';
import { Hono } from 'hono';
import type { GatewayEnv } from '../gateway-env.ts';
import { refuseOtherMethods } from '../middleware/refuse-other-methods.ts';

/** For load balancers and supervisors; public, so names of failing checks and nothing else. */
export function createHealthRoutes(health: Health): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .get('/live', (c) => c.json(health.live()))
    .get('/ready', async (c) => {
      const report = await health.ready();
      return c.json(report, report.ok ? 200 : 503);
    })
    .all('/live', refuseOtherMethods('GET', 'HEAD'))
    .all('/ready', refuseOtherMethods('GET', 'HEAD'));
}
