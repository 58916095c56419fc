/**
 * The catalogue of queue jobs: names and payloads. A job is a hint that carries ids only; every processor looks at the
 * row first, so a lost, repeated or late job does no harm. During a rolling deploy both versions read both payloads:
 * add optional fields, never rename.
 */
import { z } from 'zod';

const videoPayload = z.object({ videoId: z.string() });

export const JOBS = {
  /** Send an accepted video to its upstream. */
  'submit-video': { payload: videoPayload, concurrency: 20 },
  /** Find out what became of a create whose answer was lost. */
  'resolve-submission': { payload: videoPayload, concurrency: 5 },
  /** Look at one video that an upstream renders, out of its account's turn: something says that it has ended. */
  'poll-video': { payload: videoPayload, concurrency: 50 },
  /** A video waits to be copied into the object store: wakes the archive up, which takes the most urgent. */
  'archive-video': { payload: videoPayload, concurrency: 4 },
  /** Remove what a deleted video left behind. */
  'purge-video': { payload: videoPayload, concurrency: 5 },
  /** Remove the bytes of a file that was deleted or has expired. */
  'purge-file': { payload: z.object({ fileId: z.string() }), concurrency: 5 },
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]['payload']>;
export type Job = { [N in JobName]: { readonly name: N; readonly payload: JobPayload<N> } }[JobName];
export const JOB_NAMES = Object.keys(JOBS) as JobName[];

export type { Outcome } from './outcome.ts';
