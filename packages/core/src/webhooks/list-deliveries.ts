import type { Database } from '@reelgate/db';
import { getWebhookEndpoint } from './get-endpoint.ts';
import {
  type DeliveryState,
  type DeliveryView,
  type EndpointOwner,
  listDeliveries,
} from './queries/index.ts';

/** One page of what was sent to an endpoint or waits for it, newest first. Throws `webhook_endpoint_not_found`. */
export async function listWebhookDeliveries(
  ctx: { readonly db: Database },
  owner: EndpointOwner,
  endpointId: string,
  page: {
    readonly after?: string | undefined;
    readonly limit: number;
    readonly state?: DeliveryState | undefined;
  },
): Promise<{ readonly data: readonly DeliveryView[]; readonly hasMore: boolean }> {
  await getWebhookEndpoint(ctx, owner, endpointId);
  const rows = await listDeliveries(ctx.db, endpointId, { ...page, limit: page.limit + 1 });
  return { data: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}
