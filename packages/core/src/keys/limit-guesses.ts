import { ReelgateError } from '../errors.ts';
import { spend } from './gcra.ts';

const MAX_REMEMBERED = 50_000;

/** Slows down whoever tries keys that there are not, by where they come from and by the public part that they guess at. */
export interface GuessLimiter {
  /** Throws `rate_limit_exceeded` where there were too many wrong ones lately. */
  check(address: string, prefix: string): void;
  /** A well-formed key turned out to be none. */
  wrong(address: string, prefix: string): void;
}

/** In this process alone: what is guarded is its own way to the database. */
export function createGuessLimiter(
  perMinute: number,
  now: () => number = () => performance.now(),
): GuessLimiter {
  const wholeAtMs = new Map<string, number>();
  const idsOf = (address: string, prefix: string) => [`address:${address}`, `prefix:${prefix}`];

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
      }
    },
  };
}
