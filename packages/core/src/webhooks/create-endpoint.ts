import { DEFAULT_EVENT_TYPES, type EventType } from '@reelgate/contract';
import { newId, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import type { WebhookTransport } from '../ports/index.ts';
import { auditChange } from './audit-change.ts';
import { checkWebhookUrl } from './check-url.ts';
import { endpointNotFound } from './get-endpoint.ts';
import {
  countEndpoints,
  type EndpointOwner,
  type EndpointRow,
  findEndpoint,
  insertEndpoint,
  insertSecret,
} from './queries/index.ts';
import { hintOf, newSigningSecret } from './signing-secret.ts';
import type { WebhookContext } from './webhook-context.ts';

const MAX_ENDPOINTS = 100;

/** An endpoint with its signing secret, which is told this once. */
export type EndpointWithSecret = EndpointRow & { readonly secret: string };

/**
 * Registers where a team wants to be told, or without a team where the organization wants to be told of every team. The signing
 * secret is in the answer and afterwards only encrypted in the database. Throws `invalid_value` for a URL that may not be used.
 */
export async function createWebhookEndpoint(
  ctx: Pick<WebhookContext, 'db' | 'secretBox' | 'actor'> & {
    readonly webhooks: Pick<WebhookTransport, 'refusal'>;
  },
  input: {
    readonly teamId: EndpointOwner;
    readonly url: string;
    readonly kind?: 'standard' | 'slack';
    readonly eventTypes?: readonly EventType[];
    readonly name?: string;
  },
): Promise<EndpointWithSecret> {
  await checkWebhookUrl(ctx, input.url, 'url');
  const id = newId('webhookEndpoint');
  const secret = newSigningSecret();
  const kind = input.kind ?? 'standard';
  return await transaction(ctx.db, async (tx) => {
    if ((await countEndpoints(tx, input.teamId, kind)) >= MAX_ENDPOINTS) {
      throw new ReelgateError(
        'invalid_value',
        `There are ${MAX_ENDPOINTS} webhook endpoints already. Delete one first.`,
      );
    }
    await insertEndpoint(tx, input.teamId, {
      id,
      kind,
      url: input.url,
      eventTypes: [...(input.eventTypes ?? DEFAULT_EVENT_TYPES)],
      name: input.name ?? null,
    });
    await insertSecret(
      tx,
      { endpointId: id },
      { encrypted: ctx.secretBox.seal(secret), hint: hintOf(secret) },
    );
    const row = await findEndpoint(tx, input.teamId, id);
    if (!row) throw endpointNotFound(id);
    await auditChange(tx, ctx.actor, 'create', { id, owner: input.teamId }, { after: row });
    return { ...row, secret };
  });
}
