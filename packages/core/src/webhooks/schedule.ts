const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Waits after the 1st, 2nd, … failed attempt, in ms: about 75 hours in all, as Standard Webhooks advises. */
const WAITS_MS = [
  5_000,
  MINUTE,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Jitter on both sides, so that receivers that failed together are not asked together again. */
const JITTER = 0.2;

/**
 * Wait before the next attempt in ms, or null when the delivery is exhausted. `attemptNo` is the attempt that failed, from 1.
 * A receiver's `retry-after` is honoured between the planned wait and twice that.
 */
export function nextAttemptDelayMs(
  attemptNo: number,
  retryAfterSeconds?: number,
  random = Math.random,
): number | null {
  const base = WAITS_MS[attemptNo - 1];
  if (base === undefined) return null;
  const asked =
    retryAfterSeconds === undefined ? base : Math.min(Math.max(retryAfterSeconds * 1_000, base), 2 * base);
  return Math.round(asked * (1 - JITTER + 2 * JITTER * random()));
}
