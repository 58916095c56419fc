import { setTimeout as wait } from 'node:timers/promises';
import {
  attemptDelivery,
  claimDeliveries,
  type DeliveryClaim,
  type DeliveryPace,
  type WorkerContext,
} from '@reelgate/core';
import type { Signals } from '@reelgate/db';

export interface Deliverer {
  /** Takes nothing new and ends after the attempts under way. */
  stop(): Promise<void>;
}

/** Of the places, what endpoints may hold together that were not reached the last time. */
const SUSPECT_SHARE = 0.5;

/**
 * Delivers webhooks in places of its own, beside everything else that a worker does. The commit that wrote an event names the
 * endpoints that it is for, and an attempt that has ended its own: these alone are looked at, so that nobody waits longer because
 * others hang. A plain timer looks at all, for what is due again or was not signalled.
 */
export function startDeliverer(deps: {
  readonly ctx: WorkerContext;
  readonly signals: Pick<Signals, 'subscribe'>;
  /** Attempts at once. */
  readonly slots: number;
  /** Absent: `DEFAULT_PACE`. */
  readonly pace?: DeliveryPace;
  readonly intervalMs: number;
}): Deliverer {
  const { ctx, signals, slots, pace, intervalMs } = deps;
  const suspectSlots = Math.max(1, Math.floor(slots * SUSPECT_SHARE));
  const underWay = new Map<DeliveryClaim, Promise<void>>();
  /** What to look at next. */
  let hinted = new Set<string>();
  let everything = true;
  let stopping = false;
  let wake = Promise.withResolvers<void>();
  const look = (endpointIds: Iterable<string> | 'all') => {
    if (endpointIds === 'all') everything = true;
    else for (const id of endpointIds) hinted.add(id);
    wake.resolve();
  };
  const unsubscribe = signals.subscribe('deliveries', {
    notified: (payload) => look(payload === '' ? 'all' : payload.split(',')),
    missed: () => look('all'),
  });

  const attempt = async (claim: DeliveryClaim) => {
    try {
      await attemptDelivery(ctx, claim);
    } catch (error) {
      // Its lease runs out, and it is sent once more under the same id.
      ctx.log.error('webhook.attempt_failed', { deliveryId: claim.id, error });
    }
    underWay.delete(claim);
    look([claim.endpointId]);
  };

  const round = async () => {
    const suspects = [...underWay.keys()].filter((claim) => claim.suspect).length;
    const free = { slots: slots - underWay.size, suspectSlots: Math.max(0, suspectSlots - suspects) };
    // An attempt that ends makes room and wakes.
    if (free.slots === 0) return;
    const wanted = everything ? null : [...hinted];
    if (wanted?.length === 0) return;
    hinted = new Set();
    everything = false;
    let claims: DeliveryClaim[];
    try {
      claims = await claimDeliveries(ctx, free, wanted, pace);
    } catch (error) {
      everything = true;
      throw error;
    }
    // There was less room than work: whoever makes room is not the only one who waits for it.
    if (claims.length === free.slots) everything = true;
    for (const claim of claims) underWay.set(claim, attempt(claim));
  };

  const loop = async () => {
    let lookedAtAll = Number.NEGATIVE_INFINITY;
    while (!stopping) {
      // Before the look, so that a signal during it is not lost.
      wake = Promise.withResolvers();
      if (performance.now() - lookedAtAll >= intervalMs) everything = true;
      if (everything) lookedAtAll = performance.now();
      try {
        await round();
      } catch (error) {
        ctx.log.error('webhook.claim_failed', { error });
        await wait(intervalMs);
      }
      const timer = new AbortController();
      await Promise.race([
        wake.promise,
        wait(Math.max(0, lookedAtAll + intervalMs - performance.now()), undefined, {
          signal: timer.signal,
        }).catch(() => undefined),
      ]);
      timer.abort();
    }
  };

  const looping = loop();
  return {
    async stop() {
      stopping = true;
      unsubscribe();
      wake.resolve();
      await looping;
      await Promise.all(underWay.values());
    },
  };
}
