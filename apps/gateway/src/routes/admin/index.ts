import { ADMIN_OPERATIONS, type AdminOperationId, adminOpenApiDocument } from '@reelgate/contract/admin';
import type { ServiceContext, WebhookContext } from '@reelgate/core';
import { Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import { type AdminAuthentication, authenticateAdmin } from '../../admin/authenticate.ts';
import type { AdminHandler, AdminHandlers } from '../../admin/handler.ts';
import { serveOperation } from '../../admin/serve.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import { createReferenceRoutes } from '../reference.ts';
import { auditHandlers } from './audit.ts';
import { createKeyHandlers } from './keys.ts';
import { ledgerHandlers } from './ledger.ts';
import { libraryHandlers } from './library.ts';
import { meHandlers } from './me.ts';
import { modelHandlers } from './models.ts';
import { organizationHandlers } from './organization.ts';
import { orphanHandlers } from './orphans.ts';
import { overviewHandlers } from './overview.ts';
import { priceHandlers } from './prices.ts';
import { quotaHandlers } from './quotas.ts';
import { createShareLinkHandlers } from './share-links.ts';
import { teamHandlers } from './teams.ts';
import { upstreamHandlers } from './upstreams.ts';
import { usageHandlers } from './usage.ts';
import { createUserHandlers, type Passwords } from './users.ts';
import { velocityBreakerHandlers } from './velocity-breakers.ts';
import { videoActionHandlers } from './video-actions.ts';
import { videoHandlers } from './videos.ts';
import { createWebhookHandlers } from './webhooks.ts';

export interface AdminDeps {
  readonly service: ServiceContext;
  readonly authentication: AdminAuthentication;
  readonly passwords: Passwords;
  readonly webhooks: WebhookContext;
  readonly version: string;
  /** Where the gateway is, without a path; empty for wherever the document was read. */
  readonly serverUrl: string;
  readonly keyPepper: string;
}

/** Mounted at `/admin`: the operations under `/v1`, and the document with its page, which tell nothing of anybody. */
export function createAdminRoutes(deps: AdminDeps): Hono<GatewayEnv> {
  const handlers: AdminHandlers = {
    ...meHandlers,
    ...organizationHandlers,
    ...teamHandlers,
    ...createKeyHandlers({ pepper: deps.keyPepper }),
    ...auditHandlers,
    ...videoHandlers,
    ...ledgerHandlers,
    ...createShareLinkHandlers(deps),
    ...libraryHandlers,
    ...overviewHandlers,
    ...createUserHandlers(deps.passwords),
    ...quotaHandlers,
    ...velocityBreakerHandlers,
    ...priceHandlers,
    ...modelHandlers,
    ...usageHandlers,
    ...createWebhookHandlers(deps.webhooks),
    ...upstreamHandlers,
    ...orphanHandlers,
    ...videoActionHandlers,
  };
  const served = Object.keys(ADMIN_OPERATIONS).filter((id) => id in handlers) as AdminOperationId[];
  const v1 = new Hono<GatewayEnv>({ router: new TrieRouter() });
  v1.use('*', authenticateAdmin(deps.authentication));
  const methods = new Map<string, string[]>();
  for (const id of served) {
    const { method, path } = ADMIN_OPERATIONS[id];
    const route = path.replaceAll(/\{(\w+)\}/g, ':$1');
    const handler = handlers[id] as AdminHandler<typeof id>;
    v1.on(method.toUpperCase(), route, serveOperation(deps.service, id, handler));
    const all = method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()];
    methods.set(route, [...(methods.get(route) ?? []), ...all]);
  }
  for (const [route, allowed] of methods) v1.all(route, refuseOtherMethods(...allowed));
  const document = adminOpenApiDocument({
    version: deps.version,
    serverUrl: deps.serverUrl,
    operations: served,
  });
  return new Hono<GatewayEnv>({ router: new TrieRouter() })
    .route('/', createReferenceRoutes({ document }))
    .route('/v1', v1);
}
