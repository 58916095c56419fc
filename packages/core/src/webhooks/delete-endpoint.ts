import { transaction } from '@reelgate/db';
import { auditChange } from './audit-change.ts';
import { endpointNotFound } from './get-endpoint.ts';
import { deleteEndpoint, type EndpointOwner } from './queries/index.ts';
import type { WebhookContext } from './webhook-context.ts';

/** Gone at once with its secrets; what still waits for it is cancelled. Throws `webhook_endpoint_not_found`. */
export async function deleteWebhookEndpoint(
  ctx: Pick<WebhookContext, 'db' | 'actor'>,
  owner: EndpointOwner,
  id: string,
): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    if (!(await deleteEndpoint(tx, owner, id))) throw endpointNotFound(id);
    await auditChange(tx, ctx.actor, 'delete', { id, owner });
  });
}
