import { transaction } from '@reelgate/db';
import { auditChange } from './audit-change.ts';
import { getWebhookEndpoint } from './get-endpoint.ts';
import { type EndpointOwner, repeatAnyFailed } from './queries/index.ts';
import { endpointIsOff } from './replay-delivery.ts';
import type { WebhookContext } from './webhook-context.ts';

/** Repeated by one call. What is left is found by the next one. */
const BATCH = 5_000;

/**
 * Sends every event since a time once more that did not reach an endpoint, or also what did, at the pace that its bucket allows. Resolves to how many.
 * Throws `webhook_endpoint_not_found`, and `webhook_endpoint_disabled` where the endpoint is off.
 */
export async function replayFailed(
  ctx: Pick<WebhookContext, 'db' | 'actor'>,
  owner: EndpointOwner,
  endpointId: string,
  since: Date,
  onlyFailed = true,
): Promise<number> {
  const endpoint = await getWebhookEndpoint(ctx, owner, endpointId);
  if (endpoint.state !== 'enabled') throw endpointIsOff();
  return await transaction(ctx.db, async (tx) => {
    const count = await repeatAnyFailed(tx, endpointId, since, onlyFailed, BATCH);
    await auditChange(
      tx,
      ctx.actor,
      'replay',
      { id: endpointId, owner },
      { detail: { since, onlyFailed, count } },
    );
    return count;
  });
}
