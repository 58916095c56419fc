import { type JobName, type JobPayload, type Outcome, type WorkerContext } from '@reelgate/core';
/** A processor for every job of the catalogue: one that is missing does not compile. Each calls one verb of core. */
export type Registry = {
  readonly [N in JobName]: (payload: JobPayload<N>) => Promise<Outcome>;
};
export declare function createRegistry(ctx: WorkerContext): Registry;
