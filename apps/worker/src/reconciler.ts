import { setTimeout as wait } from 'node:timers/promises';
import {
  hint,
  JOBS,
  type Job,
  type JobName,
  type JobPayload,
  reconcile,
  type WorkerContext,
} from '@reelgate/core';
import type { Registry } from './registry.ts';

export interface Reconciler {
  /** Ends after the round and the work under way. */
  stop(): Promise<void>;
}

/**
 * Takes up again whatever is overdue, on a plain timer of this process: it needs Postgres and nothing else. Where the queue is
 * away it runs the work itself, as much of each kind at once as the queue would, and does not wait for it: one slow download
 * must not keep other videos from being looked at.
 */
export function startReconciler(deps: {
  ctx: WorkerContext;
  registry: Registry;
  intervalMs: number;
}): Reconciler {
  const { ctx, registry, intervalMs } = deps;
  const stopping = new AbortController();

  const running = new Map<string, { readonly name: JobName; readonly work: Promise<void> }>();
  let queueAway = false;

  const runHere = async (job: Job) => {
    try {
      await process(registry, job);
    } catch (error) {
      ctx.log.error('job.failed', { job: job.name, ...job.payload, error });
    }
  };

  const run = async (job: Job) => {
    // Asked once a round: where the queue is away, each hint takes a while to fail.
    queueAway ||= !(await hint(ctx, job));
    if (!queueAway) return;
    const key = `${job.name} ${Object.values(job.payload)}`;
    const alike = [...running.values()].filter(({ name }) => name === job.name);
    if (running.has(key) || alike.length >= JOBS[job.name].concurrency) return;
    running.set(key, { name: job.name, work: runHere(job).finally(() => running.delete(key)) });
  };

  const loop = async () => {
    while (!stopping.signal.aborted) {
      queueAway = false;
      try {
        const found = await reconcile(ctx, run);
        if (found.videos + found.files > 0)
          ctx.log.info('reconcile.found', { videoCount: found.videos, fileCount: found.files });
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
      await Promise.all([...running.values()].map(({ work }) => work));
    },
  };
}

function process<N extends JobName>(registry: Registry, job: { name: N; payload: JobPayload<N> }) {
  return registry[job.name](job.payload);
}
