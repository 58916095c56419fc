/** When to look at a render again. Pure. */

/** A render that was sent longer ago than this is looked at less often, in ms. */
export const YOUNG_MS = 5 * 60_000;
/** How much less often. */
export const OLD_FACTOR = 3;
/** The longest that an upstream's own wish to be left alone is heeded, in ms. */
const MAX_ASKED_MS = 60_000;

/**
 * In so many ms. The upstream's own wish comes first; else a third of the time that its progress lets expect, between the
 * account's interval and three times that; else by age alone.
 */
export function nextLookMs(render: {
  readonly intervalMs: number;
  /** Since it was sent. */
  readonly ageMs: number;
  /** Percent, and since when it is rendered; both where they are known. */
  readonly progress?: number | undefined;
  readonly runningMs?: number | undefined;
  readonly askedMs?: number | undefined;
}): number {
  const { intervalMs, ageMs, progress = 0, runningMs = 0, askedMs } = render;
  if (askedMs !== undefined) return Math.min(Math.max(askedMs, intervalMs), MAX_ASKED_MS);
  const most = intervalMs * OLD_FACTOR;
  if (progress > 0 && progress < 100 && runningMs > 0) {
    const leftMs = (runningMs * (100 - progress)) / progress;
    return Math.min(Math.max(leftMs / 3, intervalMs), most);
  }
  return ageMs > YOUNG_MS ? most : intervalMs;
}
