import { newId, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { auditChange } from './audit-change.ts';
import { deliveryNotFound } from './get-delivery.ts';
import { type DeliveryView, type EndpointOwner, findDelivery, repeatAnyDelivery } from './queries/index.ts';
import type { WebhookContext } from './webhook-context.ts';

/**
 * Sends an event to an endpoint once more: the same `webhook-id`, a delivery of its own. What comes of it counts neither for nor
 * against the endpoint. Throws `webhook_delivery_not_found`, and `webhook_endpoint_disabled` where the endpoint is off.
 */
export async function replayDelivery(
  ctx: Pick<WebhookContext, 'db' | 'actor'>,
  owner: EndpointOwner,
  id: string,
): Promise<DeliveryView> {
  return await transaction(ctx.db, async (tx) => {
    const delivery = await findDelivery(tx, owner, id);
    if (!delivery) throw deliveryNotFound(id);
    const repeatId = newId('delivery');
    if (!(await repeatAnyDelivery(tx, id, repeatId))) throw endpointIsOff();
    const repeat = await findDelivery(tx, owner, repeatId);
    if (!repeat) throw deliveryNotFound(repeatId);
    const target = { id: delivery.endpointId, owner };
    await auditChange(tx, ctx.actor, 'replay', target, { detail: { deliveryId: id } });
    return repeat;
  });
}

export function endpointIsOff(): ReelgateError {
  return new ReelgateError(
    'webhook_endpoint_disabled',
    'This webhook endpoint is switched off. Switch it on again first.',
  );
}
