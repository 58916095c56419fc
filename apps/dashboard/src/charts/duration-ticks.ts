const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400];
const AT_MOST = 5;

/** Marks of an axis of durations that fall on whole seconds, minutes and hours; the last is at or above `most`. In seconds. */
export function durationTicks(most: number): number[] {
  const step = STEPS.find((one) => most / one <= AT_MOST) ?? 86_400 * Math.ceil(most / 86_400 / AT_MOST);
  return Array.from({ length: Math.max(1, Math.ceil(most / step)) + 1 }, (_, index) => index * step);
}
