import type { PresignedObject } from '@reelgate/adapters/object-store';
import type { KeyAuthenticator, ServiceContext } from '@reelgate/core';
import type { Health, Logger } from '@reelgate/runtime';
import { Hono } from 'hono';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { errorBody, toApiError, urlNotFound } from './errors.ts';
import type { GatewayEnv } from './gateway-env.ts';
import { authenticate } from './middleware/authenticate.ts';
import { canonicalPath } from './middleware/canonical-path.ts';
import { requestLog } from './middleware/request-log.ts';
import { createHealthRoutes } from './routes/health.ts';
import { createObjectsRoutes } from './routes/objects.ts';
import { createVideoContentRoutes } from './routes/v1/video-content.ts';
import { createVideosRoutes } from './routes/v1/videos.ts';

export interface AppDeps {
  readonly service: ServiceContext;
  readonly keys: KeyAuthenticator;
  readonly health: Health;
  readonly log: Logger;
  readonly bodyTimeoutMs: number;
  /** Of an object store that cannot serve its presigned URLs itself. */
  readonly verifyPresigned: ((url: URL) => PresignedObject | null) | null;
  /** True from when the process has begun to stop. */
  readonly draining: () => boolean;
}

/** The order of middleware and the mounts, nothing else. */
export function createApp(deps: AppDeps): Hono<GatewayEnv> {
  const { service, log, verifyPresigned } = deps;
  // No fall-back router: a route that the fast one cannot hold is refused at start.
  const app = new Hono<GatewayEnv>({ router: new RegExpRouter() });

  app.use('*', requestLog(log, deps.draining));
  app.use('*', canonicalPath);
  app.route('/health', createHealthRoutes(deps.health));
  if (verifyPresigned) {
    app.route(
      '/objects',
      createObjectsRoutes({ store: service.ports.objects, verify: verifyPresigned, log }),
    );
  }
  app.use('/v1/*', authenticate(deps.keys));
  app.route('/v1/videos', createVideosRoutes(deps));
  app.route('/v1/videos', createVideoContentRoutes(deps));

  app.notFound((c) => {
    throw urlNotFound(c.req.method, c.req.path);
  });
  app.onError((thrown, c) => {
    const { record } = c.var;
    const creating = c.req.method === 'POST';
    const error = toApiError(thrown, { id: record.id, creating });
    record.errorCode = error.code;
    if (error.status >= 500)
      log.error('http.failed', { requestId: record.id, status: error.status, error: thrown });
    return c.body(JSON.stringify(errorBody(error)), error.status as 400, {
      'content-type': 'application/json',
      ...error.headers,
    });
  });
  return app;
}
