import { createHash, timingSafeEqual } from 'node:crypto';
import { receiveUpstreamHook, type ServiceContext } from '@reelgate/core';
import type { Logger } from '@reelgate/runtime';
import { Hono } from 'hono';
import { ApiError, urlNotFound } from '../errors.ts';
import type { GatewayEnv } from '../gateway-env.ts';
import { headerValues } from '../headers.ts';
import { refuseOtherMethods } from '../middleware/refuse-other-methods.ts';
import { streamBody } from '../read-body.ts';

const LIMITS = { maxBytes: 64 * 1024, timeoutMs: 10_000 };

/** An upstream that may tell of its videos. */
export interface HookedUpstream {
  readonly accountId: string;
  /** In the path: whoever knows it may hint. */
  readonly token: string;
  /** Of Standard Webhooks, where the upstream signs. */
  readonly secret: string | undefined;
}

/** `POST /hooks/upstream/<token>`: an upstream's own webhook, which makes the worker look at once. */
export function createHooksRoutes(deps: {
  readonly service: ServiceContext;
  readonly hooked: readonly HookedUpstream[];
  readonly log: Logger;
}): Hono<GatewayEnv> {
  const known = deps.hooked.map((upstream) => ({ upstream, digest: digestOf(upstream.token) }));
  return new Hono<GatewayEnv>()
    .post('/upstream/:token', async (c) => {
      const digest = digestOf(c.req.param('token'));
      const found = known.find((each) => timingSafeEqual(each.digest, digest));
      // The token is not repeated: this answer may be kept by a log that is not ours.
      if (!found) throw urlNotFound('POST', '/hooks/upstream/…');
      const { incoming } = c.env;
      const chunks: Buffer[] = [];
      await streamBody(incoming, LIMITS, (chunk) => chunks.push(chunk) > 0);
      const header = (name: string) => headerValues(incoming, name)[0] ?? '';
      const { accountId, secret } = found.upstream;
      const outcome = await receiveUpstreamHook(deps.service, {
        accountId,
        secret,
        headers: {
          id: header('webhook-id'),
          timestamp: header('webhook-timestamp'),
          signature: header('webhook-signature'),
        },
        body: Buffer.concat(chunks).toString('utf8'),
      });
      deps.log.info('upstream.hook', { requestId: c.var.record.id, upstream: accountId, outcome });
      if (outcome === 'forged') {
        throw new ApiError(401, 'The signature of this webhook is not right.', { code: 'invalid_signature' });
      }
      if (outcome === 'unreadable') {
        throw new ApiError(400, 'The body of a webhook is a JSON object that names a video.', {
          code: 'invalid_value',
        });
      }
      // The same for what is known and what is not: nobody learns from it which videos there are.
      return c.body(null, 204);
    })
    .all('/upstream/:token', refuseOtherMethods('POST'));
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
