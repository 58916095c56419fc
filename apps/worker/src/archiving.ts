import { setTimeout as wait } from 'node:timers/promises';
import { archiveNext, type BegunArchive, noteFault, type WorkerContext } from '@reelgate/core';

/** How often to look for a video to archive without a hint, in ms. */
const LOOK_MS = 500;
/** One more lane is for those that have less time than this, in ms. */
const EMERGENCY_MS = 15 * 60_000;

export interface Archiving {
  /** Something waits: looks at once. */
  wake(): void;
  /** Ends after the archives under way. */
  stop(): Promise<void>;
}

/**
 * Archives what waits, the nearest deadline first, a few at once. No account gets all the lanes, and one lane is kept for those
 * whose time runs out. On a plain timer: the queue's hints only make it look sooner.
 */
export function startArchiving(ctx: WorkerContext, options: { readonly lanes: number }): Archiving {
  const { lanes } = options;
  const perAccount = Math.max(1, lanes - 1);
  const stopping = new AbortController();
  const running = new Set<BegunArchive>();
  let woken = new AbortController();

  const begin = async (): Promise<boolean> => {
    const emergencyOnly = running.size >= lanes;
    if (running.size > lanes) return false;
    const counts = new Map<string, number>();
    for (const { upstreamAccountId: id } of running) counts.set(id, (counts.get(id) ?? 0) + 1);
    const passingOver = [...counts].flatMap(([id, count]) => (count >= perAccount ? [id] : []));
    const begun =
      (await archiveNext(
        ctx,
        emergencyOnly ? { passingOver: [], withinMs: EMERGENCY_MS } : { passingOver },
      )) ??
      // Where nothing else waits, an account may have them all.
      (emergencyOnly || passingOver.length === 0 ? null : await archiveNext(ctx, { passingOver: [] }));
    if (!begun) return false;
    running.add(begun);
    begun.over
      .catch(async (error: unknown) => {
        ctx.log.error('archive.failed', { videoId: begun.videoId, error });
        await noteFault(ctx, begun.videoId, error);
      })
      .finally(() => {
        running.delete(begun);
        woken.abort();
      });
    return true;
  };

  const loop = async () => {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      try {
        while (!stopping.signal.aborted && (await begin()));
      } catch (error) {
        ctx.log.error('archive.none_begun', { error });
        await wait(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
      const signal = AbortSignal.any([stopping.signal, woken.signal]);
      await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  };

  const looping = loop();
  return {
    wake: () => woken.abort(),
    async stop() {
      stopping.abort();
      await looping;
      await Promise.allSettled([...running].map(({ over }) => over));
    },
  };
}
