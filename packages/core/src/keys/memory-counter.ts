import type { RequestCounter } from '../ports/index.ts';
import { spend } from './gcra.ts';

const SWEEP_EVERY = 10_000;

/** Counts in this process alone. */
export function createMemoryCounter(now: () => number = () => performance.now()): RequestCounter {
  const wholeAtMs = new Map<string, number>();
  let taken = 0;

  /** A budget that is whole again is like one that was never touched. */
  function sweep(nowMs: number): void {
    for (const [id, at] of wholeAtMs) if (at <= nowMs) wholeAtMs.delete(id);
  }

  return {
    async take(budgets) {
      const nowMs = now();
      if (++taken % SWEEP_EVERY === 0) sweep(nowMs);
      const tried = budgets.map(({ id, perMinute }) => spend(wholeAtMs.get(id), nowMs, perMinute, 1));
      const allowed = tried.every((spending) => spending.allowed);
      if (allowed) {
        for (const [index, { id }] of budgets.entries()) wholeAtMs.set(id, tried[index]?.wholeAtMs ?? nowMs);
        return { allowed, states: tried.map(({ state }) => state) };
      }
      // What has room is told as it stands: nothing was taken from it.
      const states = budgets.map(({ id, perMinute }, index) => {
        const attempt = tried[index];
        return attempt && !attempt.allowed
          ? attempt.state
          : spend(wholeAtMs.get(id), nowMs, perMinute, 0).state;
      });
      return { allowed, states };
    },
  };
}
