import type { ObjectStore } from '../ports/index.ts';

const tryAgainAt = new WeakMap<ObjectStore, number>();

/** Whether a store is known not to take anything. Says so to all but one of those who ask once the time is over. */
export function isAway(store: ObjectStore, awayMs: number): boolean {
  const until = tryAgainAt.get(store);
  if (until === undefined) return false;
  if (performance.now() < until) return true;
  tryAgainAt.set(store, performance.now() + awayMs);
  return false;
}

export function notePutWorked(store: ObjectStore): void {
  tryAgainAt.delete(store);
}

/** From now on it is taken for away for so long, in ms; then one video tries it again. */
export function notePutFailed(store: ObjectStore, awayMs: number): void {
  tryAgainAt.set(store, performance.now() + awayMs);
}
