/**
 * The generic cell rate algorithm: all that is kept of a budget is the moment at which it will be whole again. The Redis adapter
 * does the same sums in Lua, and one suite holds both.
 */
import type { BudgetState } from '../ports/index.ts';

const MINUTE_MS = 60_000;

export interface Spending {
  readonly allowed: boolean;
  /** The moment to keep, in the milliseconds of `nowMs`. */
  readonly wholeAtMs: number;
  readonly state: BudgetState;
}

/** `take`: 1 to spend a request, 0 to only look. `perMinute` may be a fraction; at least one request can always be spent at once. */
export function spend(
  keptWholeAtMs: number | undefined,
  nowMs: number,
  perMinute: number,
  take: 0 | 1,
): Spending {
  const requestMs = MINUTE_MS / perMinute;
  const burst = Math.max(1, Math.floor(perMinute));
  const before = Math.max(keptWholeAtMs ?? nowMs, nowMs);
  const after = before + take * requestMs;
  const tooEarlyMs = after - burst * requestMs - nowMs;
  // Fractions of milliseconds add up to a little more than they are.
  const allowed = tooEarlyMs <= 1e-6;
  const wholeAtMs = allowed ? after : before;
  const remaining = Math.floor(burst - (wholeAtMs - nowMs) / requestMs + 1e-9);
  return {
    allowed,
    wholeAtMs,
    state: {
      remaining: Math.max(0, remaining),
      resetMs: Math.ceil(wholeAtMs - nowMs),
      retryAfterMs: allowed ? 0 : Math.ceil(tooEarlyMs),
    },
  };
}
