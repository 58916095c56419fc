import type { Handler } from 'hono';
import { methodNotAllowed } from '../errors.ts';
import type { GatewayEnv } from '../gateway-env.ts';

/** Mounted behind the handlers of a path: what gets here asked for it by a method that it does not have. OPTIONS is one. */
export function refuseOtherMethods(...allowed: readonly string[]): Handler<GatewayEnv> {
  return (c) => {
    throw methodNotAllowed(c.req.method, allowed);
  };
}
