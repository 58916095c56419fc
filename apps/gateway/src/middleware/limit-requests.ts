import type { ServerResponse } from 'node:http';
import { ReelgateError, type RequestLimit, type RequestLimiter } from '@reelgate/core';
import type { MiddlewareHandler } from 'hono';
import type { GatewayEnv } from '../gateway-env.ts';

/** Counts the request, tells the caller where it stands, and refuses what is too much with `rate_limit_exceeded`. */
export function limitRequests(limiter: RequestLimiter): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const { allowed, limits, retryAfterSeconds } = await limiter(c.var.principal);
    tell(c.env.outgoing, limits);
    if (!allowed) {
      const used = limits.find(({ retryAfterMs }) => retryAfterMs > 0);
      throw new ReelgateError(
        'rate_limit_exceeded',
        `Rate limit reached for ${used?.scope === 'team' ? 'your team' : 'this API key'}: ${used?.perMinute} requests per minute. Please try again in ${duration(retryAfterSeconds * 1_000)}.`,
        { retryAfterSeconds },
      );
    }
    await next();
  };
}

/** Straight to Node's response, so that it is on every answer, also on those that a later error makes. */
function tell(outgoing: ServerResponse, limits: readonly RequestLimit[]): void {
  const [tightest] = limits.toSorted((a, b) => a.remaining - b.remaining || a.perMinute - b.perMinute);
  if (!tightest) return;
  outgoing.setHeader('x-ratelimit-limit-requests', String(tightest.perMinute));
  outgoing.setHeader('x-ratelimit-remaining-requests', String(tightest.remaining));
  outgoing.setHeader('x-ratelimit-reset-requests', duration(tightest.resetMs));
  outgoing.setHeader(
    'ratelimit-policy',
    limits.map(({ scope, perMinute }) => `"${scope}";q=${perMinute};w=60`).join(', '),
  );
  outgoing.setHeader(
    'ratelimit',
    limits
      .map(({ scope, remaining, resetMs }) => `"${scope}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`)
      .join(', '),
  );
}

/** As the original writes it: `12ms`, `1.5s`, `6m0s`. */
export function duration(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1_000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const seconds = (whole % 60_000) / 1_000;
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`;
}
