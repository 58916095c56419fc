import { ReelgateError } from '../errors.ts';
import type { RequestCounter } from '../ports/index.ts';
import { spend } from './gcra.ts';

const MAX_REMEMBERED = 50_000;

/** Slows down whoever tries keys that there are not, by where they come from and by the public part that they guess at. */
export interface GuessLimiter {
  /** Throws `rate_limit_exceeded` where there were too many wrong ones lately. */
  check(address: string, prefix: string): void;
  /** A well-formed key turned out to be none. */
  wrong(address: string, prefix: string): void;
}

/**
 * Looks in this process alone, so that nobody waits for it. Where there is a `shared` count, every wrong key is counted there too, and
 * what it says comes back: so a guesser who goes round the gateways gets one more from each at most.
 */
export function createGuessLimiter(
  perMinute: number,
  {
    shared = null,
    now = () => performance.now(),
  }: { shared?: RequestCounter | null; now?: () => number } = {},
): GuessLimiter {
  const wholeAtMs = new Map<string, number>();
  const idsOf = (address: string, prefix: string) => [`address:${address}`, `prefix:${prefix}`];

  async function countTogether(id: string): Promise<void> {
    try {
      const { states } = (await shared?.take([{ id: `guess:${id}`, perMinute }])) ?? { states: [] };
      for (const { resetMs } of states) wholeAtMs.set(id, Math.max(wholeAtMs.get(id) ?? 0, now() + resetMs));
    } catch {
      // It is away: this process has counted by itself.
    }
  }

  return {
    check(address, prefix) {
      for (const id of idsOf(address, prefix)) {
        const { allowed, state } = spend(wholeAtMs.get(id), now(), perMinute, 1);
        if (allowed) continue;
        throw new ReelgateError(
          'rate_limit_exceeded',
          'Too many incorrect API keys. Check your key, and try again later.',
          {
            retryAfterSeconds: state.retryAfterMs / 1_000,
          },
        );
      }
    },
    wrong(address, prefix) {
      if (wholeAtMs.size >= MAX_REMEMBERED) {
        for (const [id, at] of wholeAtMs) if (at <= now()) wholeAtMs.delete(id);
        if (wholeAtMs.size >= MAX_REMEMBERED) wholeAtMs.clear();
      }
      for (const id of idsOf(address, prefix)) {
        wholeAtMs.set(id, spend(wholeAtMs.get(id), now(), perMinute, 1).wholeAtMs);
        if (shared) void countTogether(id);
      }
    },
  };
}
