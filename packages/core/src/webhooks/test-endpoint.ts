import type { EventType } from '@reelgate/contract';
import { newId, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { auditChange } from './audit-change.ts';
import { endpointNotFound } from './get-endpoint.ts';
import { type EndpointOwner, findEndpoint, listAnySecrets } from './queries/index.ts';
import { PLAIN_HEADERS, signedHeaders } from './signed-headers.ts';
import { slackMessage } from './slack-message.ts';
import type { WebhookContext } from './webhook-context.ts';

/** Of no video that there is. */
const SAMPLE_ID = 'video_00000000000000000000000000000000';

/**
 * Sends a sample event at once, signed like a real one, and tells what the receiver answered. It counts neither for nor against
 * the endpoint, and may be sent to one that is off. Throws `webhook_endpoint_unreachable` where no answer came.
 */
export async function testWebhookEndpoint(
  ctx: WebhookContext,
  owner: EndpointOwner,
  id: string,
  type: EventType,
): Promise<{ readonly status: number; readonly durationMs: number; readonly responseHead: string }> {
  const endpoint = await findEndpoint(ctx.db, owner, id);
  if (!endpoint) throw endpointNotFound(id);
  const at = new Date();
  const event = {
    id: newId('event'),
    object: 'event',
    created_at: Math.floor(at.getTime() / 1_000),
    type,
    data: { id: SAMPLE_ID },
  };
  const isSlack = endpoint.kind === 'slack';
  const body = Buffer.from(
    JSON.stringify(isSlack ? slackMessage({ type, id: SAMPLE_ID, video: null, sample: true }) : event),
  );
  await transaction(ctx.db, (tx) => auditChange(tx, ctx.actor, 'test', { id, owner }));
  const holder =
    endpoint.kind === 'video' && endpoint.teamId !== null ? { teamId: endpoint.teamId } : { endpointId: id };
  const secrets = (await listAnySecrets(ctx.db, holder)).map((sealed) => ctx.secretBox.open(sealed));
  const headers = isSlack ? PLAIN_HEADERS : signedHeaders(event.id, body, secrets, at);
  const result = await ctx.webhooks.post(endpoint.url, headers, body);
  if (result.kind === 'answered') return result;
  throw new ReelgateError(
    'webhook_endpoint_unreachable',
    `The sample event could not be delivered: ${result.reason}.`,
  );
}
