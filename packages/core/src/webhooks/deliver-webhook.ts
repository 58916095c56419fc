import { transaction } from '@reelgate/db';
import { Webhook } from 'standardwebhooks';
import type { WorkerContext } from '../context.ts';
import { done, giveUp, type Outcome, snooze } from '../outcome.ts';
import type { WebhookResult } from '../ports.ts';
import {
  claimAnyDelivery,
  type DeliveryRow,
  findAnyDeliveryContent,
  findAnyDeliveryWait,
  finishAttempt,
  recordEndpointHealth,
} from './queries.ts';
import { nextAttemptDelayMs } from './schedule.ts';

/** Longer than the transport's own deadline. */
const LEASE_MS = 30_000;
/** A hint that comes so much too early is worth keeping, in ms; the reconciler looks for whatever is later than that. */
const EARLY_MS = 5_000;

/** One attempt of one delivery: signs the stored bytes, posts, records. Sent again after a crash in between: at least once, one id. */
export async function deliverWebhook(ctx: WorkerContext, deliveryId: string): Promise<Outcome> {
  const delivery = await claimAnyDelivery(ctx.db, deliveryId, { owner: ctx.owner, ms: LEASE_MS });
  if (!delivery) return await outcomeOfUnclaimed(ctx, deliveryId);
  await ctx.failpoint?.('deliver.claimed');
  const content = await findAnyDeliveryContent(ctx.db, delivery);
  if (!content) return giveUp('delivery_without_event');

  const startedAt = new Date();
  if (content.endpointState !== 'enabled') {
    await finishAttempt(ctx.db, delivery, emptyAttempt(startedAt, 'cancelled'), { state: 'cancelled' });
    return done;
  }
  const headers = signedHeaders(
    delivery,
    content.payload,
    content.secrets.map((sealed) => ctx.secretBox.open(sealed)),
    startedAt,
  );
  const result = await ctx.ports.webhooks.post(content.url, headers, content.payload);
  await ctx.failpoint?.('deliver.posted');
  const ok = result.kind === 'answered' && result.status >= 200 && result.status < 300;
  const retryInMs = ok
    ? null
    : nextAttemptDelayMs(
        delivery.attemptNo,
        result.kind === 'answered' ? result.retryAfterSeconds : undefined,
      );

  const recorded = await transaction(ctx.db, async (tx) => {
    const finished = await finishAttempt(
      tx,
      delivery,
      attemptRecord(startedAt, result, ok),
      ok ? { state: 'delivered' } : retryInMs === null ? { state: 'exhausted' } : { retryInMs },
    );
    await ctx.failpoint?.('deliver.recorded');
    if (finished) await recordEndpointHealth(tx, delivery.endpointId, ok);
    return finished;
  });
  await ctx.failpoint?.('deliver.committed');
  ctx.log.info('webhook.attempted', {
    deliveryId,
    eventId: delivery.eventId,
    endpointId: delivery.endpointId,
    attempt: delivery.attemptNo,
    outcome: ok ? 'delivered' : 'not_delivered',
    status: result.kind === 'answered' ? result.status : undefined,
    reason: result.kind === 'failed' ? result.reason : undefined,
    durationMs: result.durationMs,
  });
  return recorded?.nextAttemptAt ? snooze(recorded.nextAttemptAt) : done;
}

/** Only a hint that came a little early waits; what is later than that, or in other hands, is not its business. */
async function outcomeOfUnclaimed(ctx: WorkerContext, deliveryId: string): Promise<Outcome> {
  const row = await findAnyDeliveryWait(ctx.db, deliveryId);
  if (!row || row.dueInMs === null || row.held || row.dueInMs > EARLY_MS) return done;
  return snooze(new Date(Date.now() + Math.max(row.dueInMs, 0) + 50));
}

/** Standard Webhooks headers. During a rotation every living secret signs. */
function signedHeaders(
  delivery: DeliveryRow,
  payload: Buffer,
  secrets: readonly string[],
  at: Date,
): Record<string, string> {
  const body = payload.toString('utf8');
  return {
    'content-type': 'application/json',
    'user-agent': 'Reelgate/1.0 (webhooks)',
    'webhook-id': delivery.eventId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets
      .map((secret) => new Webhook(secret).sign(delivery.eventId, at, body))
      .join(' '),
  };
}

function attemptRecord(startedAt: Date, result: WebhookResult, ok: boolean) {
  return {
    startedAt,
    durationMs: Math.round(result.durationMs),
    outcome: ok ? 'delivered' : result.kind === 'failed' ? result.reason : 'refused',
    status: result.kind === 'answered' ? result.status : null,
    responseHead: result.kind === 'answered' ? result.responseHead : null,
    resolvedIp: result.resolvedIp ?? null,
  };
}

function emptyAttempt(startedAt: Date, outcome: string) {
  return { startedAt, durationMs: 0, outcome, status: null, responseHead: null, resolvedIp: null };
}
