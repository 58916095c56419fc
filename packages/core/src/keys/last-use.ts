import type { Database } from '@reelgate/db';
import type { Log } from '../ports/index.ts';
import { recordAnyLastUse } from './queries.ts';

/** One key is written at most once in this time, in ms. */
const AGAIN_MS = 60_000;
/** For how long uses are collected before they are written together, in ms. */
const COLLECT_MS = 1_000;

/** Records when keys were last used, to the minute, beside the requests and not in their way. */
export function createLastUse(deps: { db: Database; log: Log }): {
  seen(keyId: string): void;
  close(): Promise<void>;
} {
  const writtenAtMs = new Map<string, number>();
  let collected: string[] = [];
  let timer: NodeJS.Timeout | undefined;

  async function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const ids = collected;
    collected = [];
    if (ids.length === 0) return;
    try {
      await recordAnyLastUse(deps.db, ids);
    } catch (error) {
      // The next use after a minute tells it again.
      deps.log.warn('key.use_not_recorded', { count: ids.length, error });
    }
  }

  return {
    seen(keyId) {
      const nowMs = performance.now();
      if (nowMs - (writtenAtMs.get(keyId) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
      if (writtenAtMs.size >= 10_000) writtenAtMs.clear();
      writtenAtMs.set(keyId, nowMs);
      collected.push(keyId);
      timer ??= setTimeout(write, COLLECT_MS);
    },
    close: write,
  };
}
