import { setTimeout as wait } from 'node:timers/promises';
import { hint, type Job, type JobName, type JobPayload, reconcile, type WorkerContext } from '@reelgate/core';
import type { Registry } from './registry.ts';

export interface Reconciler {
  /** Ends after the round under way. */
  stop(): Promise<void>;
}

/**
 * Takes up again whatever is overdue, on a plain timer of this process: it needs Postgres and nothing else. Where the queue is
 * away it runs the work itself, so that videos go on without it, only slower.
 */
export function startReconciler(deps: {
  ctx: WorkerContext;
  registry: Registry;
  intervalMs: number;
}): Reconciler {
  const { ctx, registry, intervalMs } = deps;
  const stopping = new AbortController();

  const run = async (job: Job) => {
    if (await hint(ctx, job)) return;
    try {
      await runHere(registry, job);
    } catch (error) {
      ctx.log.error('job.failed', { job: job.name, ...job.payload, error });
    }
  };

  const loop = async () => {
    while (!stopping.signal.aborted) {
      try {
        const found = await reconcile(ctx, run);
        if (found.videos + found.deliveries > 0)
          ctx.log.info('reconcile.found', { videoCount: found.videos, deliveryCount: found.deliveries });
      } catch (error) {
        ctx.log.error('reconcile.failed', { error });
      }
      await wait(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };

  const looping = loop();
  return {
    async stop() {
      stopping.abort();
      await looping;
    },
  };
}

function runHere<N extends JobName>(registry: Registry, job: { name: N; payload: JobPayload<N> }) {
  return registry[job.name](job.payload);
}
