import { API_OPERATIONS, type ApiOperation } from '@reelgate/contract';
import { requireScope } from '@reelgate/core';
import type { Hono, MiddlewareHandler } from 'hono';
import type { GatewayEnv } from '../gateway-env.ts';

/** Paths below the mount, the more exact before the less: `/videos/edits` before `/videos/{video_id}`. */
const OPERATIONS = API_OPERATIONS.map((operation) => ({
  ...operation,
  pattern: patternOf(operation.path),
})).sort((a, b) => (exactness(a.path) < exactness(b.path) ? -1 : 1));

/** Refuses a key without the scope that the table of operations asks for. Paths that are none go on to their 404 or 405. */
export function requireScopes(base: string): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    requireScope(c.var.principal, operationOf(c.req.method, c.req.path.slice(base.length))?.scope ?? null);
    await next();
  };
}

/** Throws where a route is served that the table of operations does not know, so that none is without its scope. */
export function requireOperations(routes: Hono<GatewayEnv>): void {
  const known = new Set(OPERATIONS.map(({ method, path }) => `${method} ${bare(path)}`));
  for (const { method, path } of routes.routes) {
    if (method === 'ALL') continue;
    const route = `${method.toLowerCase()} ${bare(path)}`;
    if (!known.has(route)) throw new Error(`${route} is missing from API_OPERATIONS`);
  }
}

function operationOf(method: string, path: string): ApiOperation | undefined {
  const asked = method === 'HEAD' ? 'get' : method.toLowerCase();
  return OPERATIONS.find((operation) => operation.method === asked && operation.pattern.test(path));
}

/** The name of a model may have slashes in it. */
function patternOf(path: string): RegExp {
  const source = path.replaceAll('{model}', '.+').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${source}$`);
}

/** Sorts a parameter behind every name. */
function exactness(path: string): string {
  return path.replaceAll(/\{\w+\}/g, '~');
}

/** Without the names of parameters, which differ between Hono and OpenAPI, and without a slash at the end. */
function bare(path: string): string {
  return path.replaceAll(/\{\w+\}|:\w+(?:\{[^}]*\})?/g, '{}').replace(/(?<=.)\/$/, '');
}
