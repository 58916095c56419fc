import { ReelgateError } from '../errors.ts';
import { type EndpointOwner, type EndpointRow, findEndpoint } from './queries/index.ts';
import type { WebhookContext } from './webhook-context.ts';

/** Throws `webhook_endpoint_not_found`, also for somebody else's. */
export async function getWebhookEndpoint(
  ctx: Pick<WebhookContext, 'db'>,
  owner: EndpointOwner,
  id: string,
): Promise<EndpointRow> {
  const row = await findEndpoint(ctx.db, owner, id);
  if (!row) throw endpointNotFound(id);
  return row;
}

export function endpointNotFound(id: string): ReelgateError {
  return new ReelgateError('webhook_endpoint_not_found', `There is no webhook endpoint '${id}'.`);
}
