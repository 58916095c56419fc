import type { ServiceContext } from '../context.ts';
import { type Claim, renewLease } from './queries/index.ts';

export interface HeldLease {
  /** Aborts when the lease is lost: somebody else may be at work, so this holder must stop. */
  readonly signal: AbortSignal;
  /** The work goes on; to be called at every step, and with every piece of a body. */
  progressed(): void;
  stop(): void;
}

/**
 * Renews a lease three times in its life, for work that takes longer than that. A holder that makes no progress for `stuckMs` is
 * taken for stuck and loses it, so that nothing that never comes back can keep a video for ever.
 */
export function holdLease(
  ctx: ServiceContext,
  claim: Pick<Claim, 'id' | 'leaseEpoch'>,
  givingUp?: AbortSignal,
): HeldLease {
  const { leaseMs, stuckMs } = ctx.timing;
  const lost = new AbortController();
  let heldUntil = Date.now() + leaseMs;
  let progressAt = performance.now();
  const timer = setInterval(async () => {
    if (performance.now() - progressAt > stuckMs) {
      clearInterval(timer);
      ctx.log.error('lease.stuck', { videoId: claim.id });
      return lost.abort(new Error('the work made no progress'));
    }
    try {
      const asked = Date.now();
      if (await renewLease(ctx.db, claim, leaseMs)) heldUntil = asked + leaseMs;
      else lost.abort(new Error('the lease was taken over'));
    } catch (error) {
      // While Postgres is away the lease may run out unseen.
      if (Date.now() > heldUntil) lost.abort(error);
    }
  }, leaseMs / 3);
  return {
    signal: givingUp ? AbortSignal.any([lost.signal, givingUp]) : lost.signal,
    progressed() {
      progressAt = performance.now();
    },
    stop: () => clearInterval(timer),
  };
}
