import { randomBytes } from 'node:crypto';
import { DEFAULT_EVENT_TYPES, type EventType } from '@reelgate/contract';
import { type Database, newId, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import type { WebhookTransport } from '../ports.ts';
import { insertEndpoint } from './queries.ts';
import type { SecretBox } from './secret-box.ts';

/**
 * Registers where a team wants to be told. The signing secret is `whsec_` and the standard base64 of 32 bytes, which every
 * SDK accepts; it is in the answer and afterwards only encrypted in the database. Throws `invalid_value` for a URL that may not be used.
 */
export async function createWebhookEndpoint(
  ctx: { db: Database; secretBox: SecretBox; webhooks: Pick<WebhookTransport, 'refusal'> },
  input: { teamId: string; url: string; eventTypes?: readonly EventType[]; description?: string },
): Promise<{ id: string; secret: string }> {
  const refusal = ctx.webhooks.refusal(input.url);
  if (refusal)
    throw new ReelgateError('invalid_value', `This webhook URL cannot be used: ${refusal}`, { param: 'url' });
  const id = newId('webhookEndpoint');
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  await transaction(ctx.db, async (tx) => {
    await insertEndpoint(tx, input.teamId, {
      id,
      url: input.url,
      eventTypes: [...(input.eventTypes ?? DEFAULT_EVENT_TYPES)],
      description: input.description ?? null,
      encryptedSecret: ctx.secretBox.seal(secret),
    });
  });
  return { id, secret };
}
