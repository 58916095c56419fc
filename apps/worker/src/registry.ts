import {
  done,
  type JobName,
  type JobPayload,
  noteFault,
  type Outcome,
  pollVideo,
  purgeFile,
  purgeVideo,
  resolveSubmission,
  submitVideo,
  type WorkerContext,
} from '@reelgate/core';
import type { Archiving } from './archiving.ts';

/** A processor for every job of the catalogue: one that is missing does not compile. Each calls one verb of core. */
export type Registry = { readonly [N in JobName]: (payload: JobPayload<N>) => Promise<Outcome> };

export function createRegistry(ctx: WorkerContext, archiving: Pick<Archiving, 'wake'>): Registry {
  /** A video at which work always throws is set aside in the end. */
  const noting =
    (work: (ctx: WorkerContext, videoId: string) => Promise<Outcome>) =>
    async ({ videoId }: { videoId: string }) => {
      try {
        return await work(ctx, videoId);
      } catch (error) {
        await noteFault(ctx, videoId, error);
        throw error;
      }
    };
  return {
    'submit-video': noting(submitVideo),
    'resolve-submission': noting(resolveSubmission),
    'poll-video': noting(pollVideo),
    // Whose turn it is goes by the deadlines, not by the order of the hints.
    'archive-video': async () => {
      archiving.wake();
      return done;
    },
    'purge-video': noting(purgeVideo),
    'purge-file': ({ fileId }) => purgeFile(ctx, fileId),
  };
}
