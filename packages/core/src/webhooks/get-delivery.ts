import type { Database } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import {
  type AttemptRow,
  type DeliveryView,
  type EndpointOwner,
  findDelivery,
  listAnyAttempts,
} from './queries/index.ts';

export type DeliveryDetail = DeliveryView & {
  readonly payload: Buffer;
  readonly attemptList: readonly AttemptRow[];
};

/** A delivery to one of the owner's endpoints with every attempt of it. Throws `webhook_delivery_not_found`. */
export async function getWebhookDelivery(
  ctx: { readonly db: Database },
  owner: EndpointOwner,
  id: string,
): Promise<DeliveryDetail> {
  const row = await findDelivery(ctx.db, owner, id);
  if (!row) throw deliveryNotFound(id);
  return { ...row, attemptList: await listAnyAttempts(ctx.db, id) };
}

export function deliveryNotFound(id: string): ReelgateError {
  return new ReelgateError(
    'webhook_delivery_not_found',
    `There is no webhook delivery '${id.slice(0, 80)}'.`,
  );
}
