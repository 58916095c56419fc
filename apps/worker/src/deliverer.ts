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
/** Between the beginnings of two looks: what happens meanwhile is looked at together, so that a busy moment costs few looks instead of many. */
const GAP_MS = 10;
/** Between two looks at all, as a part of the interval, where there is more work than room. */
const BUSY_SHARE = 0.25;

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

  let lookedAtAll = Number.NEGATIVE_INFINITY;
  /** ms until all are to be looked at. */
  const untilAll = () =>
    Math.max(0, lookedAtAll + (everything ? BUSY_SHARE * intervalMs : intervalMs) - performance.now());

  const round = async () => {
    const suspects = [...underWay.keys()].filter((claim) => claim.suspect).length;
    const free = { slots: slots - underWay.size, suspectSlots: Math.max(0, suspectSlots - suspects) };
    const wanted = untilAll() === 0 ? null : [...hinted];
    // An attempt that ends makes room and wakes.
    if (free.slots === 0 || wanted?.length === 0) return;
    hinted = new Set();
    if (wanted === null) {
      everything = false;
      lookedAtAll = performance.now();
    }
    const lookAgain = () => (wanted === null ? look('all') : look(wanted));
    let claims: DeliveryClaim[];
    try {
      claims = await claimDeliveries(ctx, free, wanted, pace);
    } catch (error) {
      lookAgain();
      throw error;
    }
    for (const claim of claims) underWay.set(claim, attempt(claim));
    // There was more work than room.
    if (claims.length === free.slots) lookAgain();
  };

  const loop = async () => {
    while (!stopping) {
      // Before the look, so that a signal during it is not lost.
      wake = Promise.withResolvers();
      const startedAt = performance.now();
      try {
        await round();
      } catch (error) {
        ctx.log.error('webhook.claim_failed', { error });
        await wait(intervalMs);
      }
      const timer = new AbortController();
      await Promise.race([
        wake.promise,
        wait(untilAll(), undefined, { signal: timer.signal }).catch(() => undefined),
      ]);
      timer.abort();
      const restMs = startedAt + GAP_MS - performance.now();
      if (restMs > 0 && !stopping) await wait(restMs);
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
