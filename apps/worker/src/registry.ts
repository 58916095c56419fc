import {
  deliverWebhook,
  done,
  type JobName,
  type JobPayload,
  type Outcome,
  pollVideo,
  purgeVideo,
  resolveSubmission,
  submitVideo,
  type WorkerContext,
} from '@reelgate/core';
import type { Archiving } from './archiving.ts';

/** A processor for every job of the catalogue: one that is missing does not compile. Each calls one verb of core. */
export type Registry = { readonly [N in JobName]: (payload: JobPayload<N>) => Promise<Outcome> };

export function createRegistry(ctx: WorkerContext, archiving: Pick<Archiving, 'wake'>): Registry {
  return {
    'submit-video': ({ videoId }) => submitVideo(ctx, videoId),
    'resolve-submission': ({ videoId }) => resolveSubmission(ctx, videoId),
    'poll-video': ({ videoId }) => pollVideo(ctx, videoId),
    // Whose turn it is goes by the deadlines, not by the order of the hints.
    'archive-video': async () => {
      archiving.wake();
      return done;
    },
    'purge-video': ({ videoId }) => purgeVideo(ctx, videoId),
    'deliver-webhook': ({ deliveryId }) => deliverWebhook(ctx, deliveryId),
  };
}
