import type { ServiceContext } from '../context.ts';
import { type Claim, renewLease } from './queries/index.ts';

export interface HeldLease {
  /** Aborts when the lease is lost: somebody else may be at work, so this holder must stop. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** Renews a lease three times in its life, for work that takes longer than that. */
export function holdLease(ctx: ServiceContext, claim: Claim): HeldLease {
  const lost = new AbortController();
  let heldUntil = Date.now() + ctx.timing.leaseMs;
  const timer = setInterval(async () => {
    try {
      const asked = Date.now();
      if (await renewLease(ctx.db, claim, ctx.timing.leaseMs)) heldUntil = asked + ctx.timing.leaseMs;
      else lost.abort(new Error('the lease was taken over'));
    } catch (error) {
      // While Postgres is away the lease may run out unseen.
      if (Date.now() > heldUntil) lost.abort(error);
    }
  }, ctx.timing.leaseMs / 3);
  return { signal: lost.signal, stop: () => clearInterval(timer) };
}
