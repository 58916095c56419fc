import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import { claimAnyDeliveries, type DeliveryClaim } from './queries/index.ts';

/** Longer than the transport's own deadline, with time to record what came of it. */
const LEASE_MS = 30_000;
/** So many attempts in a row that ran out of time leave an endpoint one at a time. */
const BREAKER_TIMEOUTS = 5;

/** How hard one endpoint is pressed. Every worker of a deployment should say the same. */
export interface DeliveryPace {
  /** Attempts under way for it, over all workers. */
  readonly perEndpoint: number;
  /** Its bucket of attempts: how fast it fills, and how much it holds. */
  readonly ratePerSecond: number;
  readonly burst: number;
}

export const DEFAULT_PACE: DeliveryPace = { perEndpoint: 5, ratePerSecond: 50, burst: 100 };

/**
 * Takes deliveries that are due, at most `slots`; of those whose endpoint was not reached the last time at most `suspectSlots`, so
 * that receivers that hang never hold everybody's places. Looks at the endpoints `endpointIds` alone where they are given, which costs
 * the same however many others wait. The holder of a claim has 30 s for it.
 */
export async function claimDeliveries(
  ctx: Pick<WorkerContext, 'db' | 'owner'>,
  free: { readonly slots: number; readonly suspectSlots: number },
  endpointIds: readonly string[] | null = null,
  pace = DEFAULT_PACE,
): Promise<DeliveryClaim[]> {
  return await transaction(ctx.db, (tx) =>
    claimAnyDeliveries(tx, endpointIds, {
      owner: ctx.owner,
      leaseMs: LEASE_MS,
      breakerTimeouts: BREAKER_TIMEOUTS,
      ...pace,
      ...free,
    }),
  );
}
