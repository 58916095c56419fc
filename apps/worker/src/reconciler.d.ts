import { type WorkerContext } from '@reelgate/core';
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
export declare function startReconciler(deps: {
  ctx: WorkerContext;
  registry: Registry;
  intervalMs: number;
}): Reconciler;
