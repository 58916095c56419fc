import type { Queryable } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { Actor } from '../context.ts';
import type { EndpointOwner, EndpointRow } from './queries/index.ts';

/** What an administrator does to an endpoint is on record; what a team does to its own is its own business. */
export async function auditChange(
  tx: Queryable,
  actor: Actor | undefined,
  action: 'create' | 'update' | 'delete' | 'rotate_secret' | 'test' | 'replay',
  target: { readonly id: string; readonly owner: EndpointOwner },
  facts: {
    readonly before?: EndpointRow;
    readonly after?: EndpointRow;
    readonly detail?: Record<string, unknown>;
  } = {},
): Promise<void> {
  if (!actor) return;
  await recordAudit(tx, actor, {
    action: `webhook_endpoint.${action}`,
    target: target.id,
    teamId: target.owner,
    before: facts.before ? settingsOf(facts.before) : null,
    after: facts.detail ?? (facts.after ? settingsOf(facts.after) : null),
  });
}

function settingsOf({ name, url, eventTypes, kind, state }: EndpointRow): Record<string, unknown> {
  return { name, url, eventTypes, kind, state };
}
