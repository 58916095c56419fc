/** Endpoints and deliveries for administrators, within the teams that each of them may see. */
import { transaction } from '@reelgate/db';
import type { AdminContext } from '../context.ts';
import { auditChange } from './audit-change.ts';
import { deliveryNotFound } from './get-delivery.ts';
import { endpointNotFound } from './get-endpoint.ts';
import {
  countAnyFailed,
  type DeliveryFilter,
  type EndpointOwner,
  type EndpointRow,
  type EndpointView,
  findEndpointOwner,
  listEndpointViews,
  listScopedDeliveries,
  type ScopedDelivery,
} from './queries/index.ts';

type Ctx = Pick<AdminContext, 'db' | 'scope'>;
interface Page {
  readonly after: string | null;
  readonly limit: number;
}

/** Whose endpoint it is, to act on it for its owner. Throws `webhook_endpoint_not_found` where it is out of scope. */
export async function ownerOfEndpoint(ctx: Ctx, id: string): Promise<EndpointOwner> {
  const owner = await findEndpointOwner(ctx.db, ctx.scope, id);
  if (owner === undefined) throw endpointNotFound(id);
  return owner;
}

export async function listScopedEndpoints(
  ctx: Ctx,
  filter: {
    readonly teamId?: string | undefined;
    readonly states?: readonly EndpointRow['state'][] | undefined;
  },
  page: Page,
): Promise<{ readonly endpoints: readonly EndpointView[]; readonly hasMore: boolean }> {
  const rows = await listEndpointViews(ctx.db, ctx.scope, filter, { ...page, limit: page.limit + 1 });
  return { endpoints: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}

/** Throws `webhook_endpoint_not_found`. */
export async function getScopedEndpoint(ctx: Ctx, id: string): Promise<EndpointView> {
  const [row] = await listEndpointViews(ctx.db, ctx.scope, { id }, { after: null, limit: 1 });
  if (!row) throw endpointNotFound(id);
  return row;
}

export async function listDeliveriesInScope(
  ctx: Ctx,
  filter: DeliveryFilter,
  page: Page,
): Promise<{ readonly deliveries: readonly ScopedDelivery[]; readonly hasMore: boolean }> {
  const rows = await listScopedDeliveries(ctx.db, ctx.scope, filter, { ...page, limit: page.limit + 1 });
  return { deliveries: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}

/** Throws `webhook_delivery_not_found`. */
export async function getScopedDelivery(ctx: Ctx, id: string): Promise<ScopedDelivery> {
  const [row] = await listScopedDeliveries(ctx.db, ctx.scope, { id }, { after: null, limit: 1 });
  if (!row) throw deliveryNotFound(id);
  return row;
}

/** How many a replay since then would send again. */
export async function countFailed(
  ctx: Pick<AdminContext, 'db' | 'scope' | 'actor'>,
  endpointId: string,
  since: Date,
  onlyFailed: boolean,
): Promise<number> {
  const owner = await ownerOfEndpoint(ctx, endpointId);
  const count = await countAnyFailed(ctx.db, endpointId, since, onlyFailed);
  const detail = { since, onlyFailed, count, dryRun: true };
  await transaction(ctx.db, (tx) =>
    auditChange(tx, ctx.actor, 'replay', { id: endpointId, owner }, { detail }),
  );
  return count;
}
