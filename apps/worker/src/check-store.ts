import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@reelgate/core';

/** Between two tries, in ms. */
const AGAIN_MS = 10_000;

/**
 * Makes the bucket and tests it. A store that is away must not keep the worker from starting: the lifeboats are there, and renders
 * go on; it is tried until it passes, and the worker is not ready until then.
 */
export function checkStore(
  store: { ensureBucket(): Promise<void>; selfTest(): Promise<void> },
  log: Log,
): { passed(): Promise<void>; stop(): Promise<void> } {
  const stopping = new AbortController();
  let failure: unknown = new Error('not tested yet');
  const check = async () => {
    while (failure !== undefined && !stopping.signal.aborted) {
      try {
        await store.ensureBucket();
        await store.selfTest();
        failure = undefined;
      } catch (error) {
        failure = error;
        log.error('object_store.unusable', { error });
        await wait(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };
  const checking = check();
  return {
    async passed() {
      if (failure !== undefined) throw failure;
    },
    async stop() {
      stopping.abort();
      await checking;
    },
  };
}
