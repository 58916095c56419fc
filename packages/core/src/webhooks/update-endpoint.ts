import type { EventType } from '@reelgate/contract';
import { transaction } from '@reelgate/db';
import { checkVersion, ReelgateError } from '../errors.ts';
import { auditChange } from './audit-change.ts';
import { checkWebhookUrl } from './check-url.ts';
import { endpointNotFound } from './get-endpoint.ts';
import {
  type EndpointOwner,
  type EndpointRow,
  findEndpoint,
  lockEndpoint,
  updateEndpoint,
} from './queries/index.ts';
import type { WebhookContext } from './webhook-context.ts';

export interface EndpointChange {
  /** Null: none any more. */
  readonly name?: string | null | undefined;
  readonly url?: string | undefined;
  readonly eventTypes?: readonly EventType[] | undefined;
  /** Switched on again, it begins without a past. What was cancelled meanwhile can be replayed. */
  readonly enabled?: boolean | undefined;
  /** The version that the change was made from. */
  readonly version?: number | undefined;
}

/** Every change moves the time of the last one. */
export function versionOfEndpoint(endpoint: Pick<EndpointRow, 'updatedAt'>): number {
  return endpoint.updatedAt.getTime();
}

/**
 * Changes what is given and differs. Throws `webhook_endpoint_not_found`, `version_conflict`, and `invalid_value` for a URL that may not
 * be used.
 */
export async function updateWebhookEndpoint(
  ctx: Pick<WebhookContext, 'db' | 'webhooks' | 'actor'>,
  owner: EndpointOwner,
  id: string,
  change: EndpointChange,
): Promise<EndpointRow> {
  if (change.url !== undefined) await checkWebhookUrl(ctx, change.url, 'url');
  return await transaction(ctx.db, async (tx) => {
    const before = (await lockEndpoint(tx, owner, id)) ? await findEndpoint(tx, owner, id) : null;
    if (!before) throw endpointNotFound(id);
    checkVersion(versionOfEndpoint(before), change.version);
    if (before.kind === 'video' && change.url !== undefined && change.url !== before.url) {
      throw new ReelgateError(
        'invalid_value',
        'This stands for the host that videos name, which cannot change.',
        {
          param: 'url',
        },
      );
    }
    const { name, url, eventTypes, enabled } = change;
    const patch = {
      name: name === before.name ? undefined : name,
      url: url === before.url ? undefined : url,
      eventTypes: eventTypes?.join() === before.eventTypes.join() ? undefined : eventTypes,
      state:
        enabled === undefined || enabled === (before.state === 'enabled')
          ? undefined
          : enabled
            ? ('enabled' as const)
            : ('disabled_user' as const),
    };
    if (Object.values(patch).some((value) => value !== undefined)) await updateEndpoint(tx, owner, id, patch);
    const after = (await findEndpoint(tx, owner, id)) ?? before;
    await auditChange(tx, ctx.actor, 'update', { id, owner }, { before, after });
    return after;
  });
}
