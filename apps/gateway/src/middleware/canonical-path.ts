import type { MiddlewareHandler } from 'hono';
import { urlNotFound } from '../errors.ts';
import type { GatewayEnv } from '../gateway-env.ts';

/** The root, or segments of plain letters, none of them empty. Nothing that we serve needs a percent sign, but for one. */
const CANONICAL = /^(?:\/|(?:\/[A-Za-z0-9._~=-]+)+)$/;
/** The names of models may have slashes and colons, which SDKs encode. No part of them begins with a dot. */
const MODEL = /^(?:\/openai)?\/v1\/models(?:(?:\/|(?<!models)%2F)[A-Za-z0-9](?:[\w.:-]|%3A)*)+$/i;
const DOT_SEGMENT = /\/\.\.?(?:\/|$)/;

/**
 * One path has one spelling, judged by what was sent and not by what a URL parser made of it: a proxy in front of us that
 * guards a path, and we, must never read it differently.
 */
export const canonicalPath: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  const path = (c.env.incoming.url ?? '').split('?', 1)[0] ?? '';
  if (!(CANONICAL.test(path) || MODEL.test(path)) || DOT_SEGMENT.test(path))
    throw urlNotFound(c.req.method, path);
  await next();
};
