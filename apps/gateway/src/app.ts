import type { IncomingMessage } from 'node:http';
import type { PresignedObject } from '@reelgate/adapters/object-store';
import type { OpenApiDocument } from '@reelgate/contract';
import type { RequestLimiter } from '@reelgate/core';
import type { Health } from '@reelgate/runtime';
import { Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import { errorBody, toApiError, urlNotFound } from './errors.ts';
import type { GatewayEnv } from './gateway-env.ts';
import { type AuthenticateDeps, authenticate } from './middleware/authenticate.ts';
import { canonicalPath } from './middleware/canonical-path.ts';
import { limitRequests } from './middleware/limit-requests.ts';
import { requestLog } from './middleware/request-log.ts';
import { requireOperations, requireScopes } from './middleware/require-scopes.ts';
import { shedLoad } from './middleware/shed-load.ts';
import { type AdminDeps, createAdminRoutes } from './routes/admin/index.ts';
import { type AuthDeps, createAuthRoutes } from './routes/auth.ts';
import { createDashboardRoutes } from './routes/dashboard.ts';
import { createHealthRoutes } from './routes/health.ts';
import { createHooksRoutes, type HookedUpstream } from './routes/hooks.ts';
import { createObjectsRoutes } from './routes/objects.ts';
import { createReferenceRoutes } from './routes/reference.ts';
import { createShareRoutes } from './routes/share.ts';
import type { V1Deps } from './routes/v1/deps.ts';
import { createV1Routes } from './routes/v1/index.ts';
import type { StaticSite } from './static-site.ts';

export interface AppDeps extends V1Deps, AuthDeps {
  readonly onBehalfOf: AuthenticateDeps['onBehalfOf'];
  readonly limiter: RequestLimiter;
  /** Requests that are served at once. */
  readonly places: number;
  readonly addressOf: (incoming: IncomingMessage) => string;
  readonly health: Health;
  /** Of an object store that cannot serve its presigned URLs itself. */
  readonly verifyPresigned: ((url: URL) => PresignedObject | null) | null;
  readonly admin: Omit<AdminDeps, 'service' | 'authentication' | 'webhooks'>;
  /** What the reference page describes. */
  readonly document: OpenApiDocument;
  /** Upstreams that tell of their videos. */
  readonly hooked: readonly HookedUpstream[];
  /** The dashboard. */
  readonly site: StaticSite;
}

/** The order of middleware and the mounts, nothing else. */
export function createApp(deps: AppDeps): Hono<GatewayEnv> {
  const { service, log, verifyPresigned } = deps;
  // The fast router cannot hold `/videos/characters/:id` beside `/videos/:id/content`.
  const app = new Hono<GatewayEnv>({ router: new TrieRouter() });

  app.use('*', requestLog(log, deps.draining, deps.addressOf));
  app.use('*', canonicalPath);
  app.route('/health', createHealthRoutes(deps.health));
  const shed = shedLoad(deps.places);
  for (const path of ['/objects/*', '/share/*', '/auth/*', '/admin/*']) app.use(path, shed);
  if (verifyPresigned) {
    app.route(
      '/objects',
      createObjectsRoutes({ store: service.ports.objects, verify: verifyPresigned, log }),
    );
  }
  app.route('/hooks', createHooksRoutes(deps));
  app.route('/share', createShareRoutes(deps));
  app.route('/auth', createAuthRoutes(deps));
  app.route('/', createReferenceRoutes({ document: deps.document }));
  app.route(
    '/admin',
    createAdminRoutes({ ...deps.admin, service, authentication: deps, webhooks: deps.webhooks }),
  );
  const v1 = createV1Routes(deps);
  requireOperations(v1);
  // The second is where Azure's SDKs look.
  for (const base of ['/v1', '/openai/v1']) {
    app.use(`${base}/*`, authenticate(deps), shed, limitRequests(deps.limiter), requireScopes(base));
    app.route(base, v1);
  }

  app.route('/', createDashboardRoutes({ site: deps.site }));

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
