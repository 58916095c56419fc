import type { Principal } from '../context.ts';
import type { BudgetState, Log, RequestBudget, RequestCounter } from '../ports/index.ts';
import { createMemoryCounter } from './memory-counter.ts';

/** After the shared count has failed, this process counts alone for so long before it asks again, in ms. */
const ALONE_MS = 1_000;
/** An SDK does not wait longer than this, in seconds. */
const MAX_RETRY_AFTER_SECONDS = 60;

/** One limit of a caller, as it stands after this request. */
export interface RequestLimit extends BudgetState {
  readonly scope: 'key' | 'team';
  readonly perMinute: number;
}

export interface LimitedRequest {
  readonly allowed: boolean;
  /** Every limit that applies; none for a caller without one. */
  readonly limits: readonly RequestLimit[];
  /** Where it is not allowed: when to come again. */
  readonly retryAfterSeconds: number;
}

/** Counts one request of the caller against its own limit and that of its team. Never throws. */
export type RequestLimiter = (principal: Principal) => Promise<LimitedRequest>;

/**
 * Counts together with every other gateway where there is a `shared` count. Where there is none, or while it is away, this
 * process grants its share of every limit, one of `replicas`: that is not exact, and nobody waits for it.
 */
export function createRequestLimiter(deps: {
  shared: RequestCounter | null;
  replicas: number;
  log: Log;
}): RequestLimiter {
  const alone = createMemoryCounter();
  let aloneUntilMs = 0;

  async function count(budgets: readonly RequestBudget[]) {
    if (deps.shared && performance.now() >= aloneUntilMs) {
      try {
        return await deps.shared.take(budgets);
      } catch (error) {
        aloneUntilMs = performance.now() + ALONE_MS;
        deps.log.warn('requests.counted_alone', { error });
      }
    }
    return await alone.take(
      budgets.map(({ id, perMinute }) => ({ id, perMinute: perMinute / deps.replicas })),
    );
  }

  return async ({ keyId, teamId, requestsPerMinute: { key, team } }) => {
    const limited = [
      ...(key === null ? [] : [{ scope: 'key', perMinute: key, id: `key:${keyId}` } as const]),
      ...(team === null ? [] : [{ scope: 'team', perMinute: team, id: `team:${teamId}` } as const]),
    ];
    if (limited.length === 0) return { allowed: true, limits: [], retryAfterSeconds: 0 };
    const { allowed, states } = await count(limited);
    const limits = limited.flatMap(({ scope, perMinute }, index) => {
      const state = states[index];
      return state ? [{ scope, perMinute, ...state }] : [];
    });
    const waitMs = Math.max(...limits.map(({ retryAfterMs }) => retryAfterMs));
    return { allowed, limits, retryAfterSeconds: Math.min(waitMs / 1_000, MAX_RETRY_AFTER_SECONDS) };
  };
}
