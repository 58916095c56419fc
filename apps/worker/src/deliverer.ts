import { setTimeout as wait } from 'node:timers/promises';
import { attemptDelivery, claimDeliveries, type DeliveryClaim, type WorkerContext } from '@reelgate/core';
import type { Signals } from '@reelgate/db';

export interface Deliverer {
  /** Takes nothing new and ends after the attempts under way. */
  stop(): Promise<void>;
}

/** Of the places, what endpoints may hold together that were not reached the last time. */
const SUSPECT_SHARE = 0.5;

/**
 * Delivers webhooks in places of its own, beside everything else that a worker does: woken by the commit that wrote an event, and
 * by a plain timer for what is due again or was not signalled.
 */
export function startDeliverer(deps: {
  readonly ctx: WorkerContext;
  readonly signals: Pick<Signals, 'subscribe'>;
  /** Attempts at once. */
  readonly slots: number;
  readonly intervalMs: number;
}): Deliverer {
  const { ctx, signals, slots, intervalMs } = deps;
  const suspectSlots = Math.max(1, Math.floor(slots * SUSPECT_SHARE));
  const underWay = new Map<DeliveryClaim, Promise<void>>();
  let stopping = false;
  let wake = Promise.withResolvers<void>();
  const awaken = () => wake.resolve();
  const unsubscribe = signals.subscribe('deliveries', { notified: awaken, missed: awaken });

  const attempt = async (claim: DeliveryClaim) => {
    try {
      await attemptDelivery(ctx, claim);
    } catch (error) {
      // Its lease runs out, and it is sent once more under the same id.
      ctx.log.error('webhook.attempt_failed', { deliveryId: claim.id, error });
    }
    underWay.delete(claim);
    awaken();
  };

  const round = async () => {
    const suspects = [...underWay.keys()].filter((claim) => claim.suspect).length;
    const free = { slots: slots - underWay.size, suspectSlots: Math.max(0, suspectSlots - suspects) };
    if (free.slots === 0) return;
    const claims = await claimDeliveries(ctx, free);
    for (const claim of claims) underWay.set(claim, attempt(claim));
  };

  const loop = async () => {
    while (!stopping) {
      // Before the look, so that a signal during it is not lost.
      wake = Promise.withResolvers();
      try {
        await round();
      } catch (error) {
        ctx.log.error('webhook.claim_failed', { error });
        await wait(intervalMs);
      }
      const timer = new AbortController();
      await Promise.race([
        wake.promise,
        wait(intervalMs, undefined, { signal: timer.signal }).catch(() => undefined),
      ]);
      timer.abort();
    }
  };

  const looping = loop();
  return {
    async stop() {
      stopping = true;
      unsubscribe();
      awaken();
      await looping;
      await Promise.all(underWay.values());
    },
  };
}
