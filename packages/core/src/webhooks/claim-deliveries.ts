import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import { claimAnyDeliveries, type DeliveryClaim } from './queries/index.ts';

/** Longer than the transport's own deadline, with time to record what came of it. */
const LEASE_MS = 30_000;
/** Attempts under way for one endpoint, over all workers. */
const PER_ENDPOINT = 5;
/** So many attempts in a row that ran out of time leave an endpoint one at a time. */
const BREAKER_TIMEOUTS = 5;
/** Each endpoint's bucket of attempts: how fast it fills, and how much it holds. */
const RATE_PER_SECOND = 50;
const BURST = 100;

/**
 * Takes deliveries that are due, at most `slots`; of those whose endpoint was not reached the last time at most `suspectSlots`, so
 * that receivers that hang never hold everybody's places. Looks at the endpoints `endpointIds` alone where they are given, which costs
 * the same however many others wait. The holder of a claim has 30 s for it.
 */
export async function claimDeliveries(
  ctx: Pick<WorkerContext, 'db' | 'owner'>,
  free: { readonly slots: number; readonly suspectSlots: number },
  endpointIds: readonly string[] | null = null,
): Promise<DeliveryClaim[]> {
  return await transaction(ctx.db, (tx) =>
    claimAnyDeliveries(tx, endpointIds, {
      owner: ctx.owner,
      leaseMs: LEASE_MS,
      perEndpoint: PER_ENDPOINT,
      breakerTimeouts: BREAKER_TIMEOUTS,
      ratePerSecond: RATE_PER_SECOND,
      burst: BURST,
      ...free,
    }),
  );
}
