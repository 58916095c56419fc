import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Logger } from '@reelgate/runtime';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { GatewayEnv, RequestRecord } from '../gateway-env.ts';

const CLIENT_ID = /^[\w-]{1,64}$/;

/**
 * Gives each request its id and its headers, and writes its one log line when the answer is through or broken off. Headers go
 * straight to Node's response: Hono would rebuild its own for every one.
 */
export function requestLog(
  log: Logger,
  draining: () => boolean,
  addressOf: (incoming: IncomingMessage) => string,
): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const { incoming, outgoing } = c.env;
    // The first is what the original calls it.
    const clientId = incoming.headers['x-client-request-id'] ?? incoming.headers['x-request-id'];
    const record: RequestRecord = {
      id: `req_${randomUUID().replaceAll('-', '')}`,
      clientRequestId: typeof clientId === 'string' && CLIENT_ID.test(clientId) ? clientId : undefined,
      address: addressOf(incoming),
      startedAtMs: performance.now(),
    };
    c.set('record', record);
    outgoing.setHeader('x-request-id', record.id);
    outgoing.setHeader('openai-version', '2020-10-01');
    outgoing.setHeader('x-content-type-options', 'nosniff');
    const route = routePath(c, -1);
    outgoing.once('close', () => {
      const principal = c.var.principal;
      const level = route.startsWith('/health') ? 'debug' : 'info';
      log[level]('http.request', {
        requestId: record.id,
        clientRequestId: record.clientRequestId,
        method: incoming.method,
        route,
        status: outgoing.statusCode,
        outcome: outgoing.writableFinished ? 'answered' : 'broken_off',
        durationMs: elapsedMs(record),
        teamId: principal?.teamId,
        keyId: principal?.keyId,
        adminId: c.var.admin?.id,
        videoId: record.videoId,
        model: record.model,
        variant: record.variant,
        errorCode: record.errorCode,
      });
    });
    await next();
    if (outgoing.headersSent) return;
    outgoing.setHeader('openai-processing-ms', String(elapsedMs(record)));
    if (draining()) outgoing.setHeader('connection', 'close');
  };
}

export function elapsedMs(record: RequestRecord): number {
  return Math.round(performance.now() - record.startedAtMs);
}
