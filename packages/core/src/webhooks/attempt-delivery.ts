import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import type { WebhookResult } from '../ports/index.ts';
import { disableEndpoint } from './disable-endpoint.ts';
import { messageFor } from './message-for.ts';
import { type DeliveryClaim, finishAttempt, recordAnyHealth } from './queries/index.ts';
import { nextAttemptDelayMs } from './schedule.ts';

/** An endpoint that has failed for so long and so often is switched off. */
const DISABLE_AFTER = { failures: 20, ms: 5 * 24 * 60 * 60_000 } as const;
/** Answers that ask for less, and how long an endpoint is left alone then, in ms: what it asks for, within these bounds. */
const SLOW_DOWN: ReadonlySet<number> = new Set([429, 502, 504]);
const PAUSE_MS = { min: 1_000, max: 60_000 } as const;
const TIMEOUTS: ReadonlySet<string> = new Set(['timeout', 'connect_timeout']);

/** One attempt of a claimed delivery: builds, signs, posts, records. Sent again after a crash in between: at least once, one id. */
export async function attemptDelivery(ctx: WorkerContext, claim: DeliveryClaim): Promise<void> {
  await ctx.failpoint?.('deliver.claimed');
  // Receivers refuse what is signed too long before or after their own time: that of Postgres is the one that we all have.
  const startedAt = claim.claimedAt;
  const { headers, body } = await messageFor(ctx, claim, startedAt);
  const result = await ctx.ports.webhooks.post(claim.url, headers, body);
  await ctx.failpoint?.('deliver.posted');
  const outcome = judge(claim, result);
  const recorded = await transaction(ctx.db, async (tx) => {
    const finished = await finishAttempt(
      tx,
      claim,
      {
        startedAt,
        durationMs: Math.round(result.durationMs),
        outcome: outcome.name,
        status: result.kind === 'answered' ? result.status : null,
        url: claim.url,
        requestHeaders: headers,
        responseHeaders: result.kind === 'answered' ? result.responseHeaders : null,
        responseHead: result.kind === 'answered' ? result.responseHead : null,
        resolvedIp: result.resolvedIp ?? null,
      },
      outcome.ok
        ? { state: 'delivered' }
        : outcome.retryInMs === null
          ? { state: 'exhausted' }
          : { retryInMs: outcome.retryInMs },
    );
    // What is sent once more at somebody's wish says nothing of how well the endpoint does.
    if (!finished || claim.replayOf) return finished;
    const health = await recordAnyHealth(tx, claim.endpointId, outcome);
    const hopeless =
      health !== null &&
      !outcome.ok &&
      ((outcome.gone && claim.kind !== 'video') ||
        (health.failures >= DISABLE_AFTER.failures && health.failingMs >= DISABLE_AFTER.ms));
    if (hopeless) await disableEndpoint(ctx, tx, claim.endpointId);
    await ctx.failpoint?.('deliver.recorded');
    return true;
  });
  await ctx.failpoint?.('deliver.committed');
  ctx.log.info('webhook.attempted', {
    deliveryId: claim.id,
    eventId: claim.eventId,
    endpointId: claim.endpointId,
    attempt: claim.attemptNo,
    outcome: recorded ? (outcome.ok ? 'delivered' : 'not_delivered') : 'lease_lost',
    status: result.kind === 'answered' ? result.status : undefined,
    reason: result.kind === 'failed' ? result.reason : undefined,
    durationMs: result.durationMs,
  });
}

function judge(claim: DeliveryClaim, result: WebhookResult) {
  const status = result.kind === 'answered' ? result.status : null;
  const ok = status !== null && status >= 200 && status < 300;
  const askedSeconds = result.kind === 'answered' ? result.retryAfterSeconds : undefined;
  return {
    ok,
    name: ok ? 'delivered' : result.kind === 'failed' ? result.reason : 'refused',
    gone: status === 410,
    timedOut: result.kind === 'failed' && TIMEOUTS.has(result.reason),
    pauseMs:
      status !== null && SLOW_DOWN.has(status)
        ? Math.min(Math.max((askedSeconds ?? 0) * 1_000, PAUSE_MS.min), PAUSE_MS.max)
        : 0,
    // One video's URL that is gone says nothing of the others at its host.
    retryInMs:
      ok || (status === 410 && claim.kind === 'video')
        ? null
        : nextAttemptDelayMs(claim.attemptNo, askedSeconds),
  };
}
