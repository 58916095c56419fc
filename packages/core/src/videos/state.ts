/** The life of a video: every state, every edge, and what a caller sees of it. Pure; the database refuses every other edge too. */
import type { VideoStatus } from '@reelgate/contract';
import type { JobName, JobPayload } from '../jobs.ts';

export const VIDEO_STATES = [
  'accepted',
  'submitting',
  'unknown',
  'rendering',
  'archiving',
  'stored',
  'partly_stored',
  'content_lost',
  'failed',
  'purged',
] as const;
export type VideoState = (typeof VIDEO_STATES)[number];

export const TRANSITIONS: Readonly<Record<VideoState, readonly VideoState[]>> = {
  accepted: ['submitting', 'failed'],
  // Back to accepted only where the request provably never left; unknown where its answer was lost.
  submitting: ['rendering', 'accepted', 'unknown', 'failed'],
  unknown: ['rendering', 'accepted', 'failed'],
  rendering: ['archiving', 'failed'],
  archiving: ['stored', 'partly_stored', 'content_lost'],
  stored: ['purged'],
  partly_stored: ['purged'],
  // A paid video that turns up after all is never refused: in a spool whose volume was away, or at its upstream.
  content_lost: ['archiving', 'purged'],
  failed: ['rendering', 'purged'],
  purged: [],
};

/** `completed` means durable: until the bytes are in our own store a finished render is still in progress. */
const STATUS: Readonly<Record<VideoState, VideoStatus>> = {
  accepted: 'queued',
  submitting: 'queued',
  unknown: 'queued',
  rendering: 'in_progress',
  archiving: 'in_progress',
  stored: 'completed',
  partly_stored: 'completed',
  content_lost: 'failed',
  failed: 'failed',
  purged: 'failed',
};

/** Progress of a render that is done upstream and not yet in our store, in percent. */
const ARCHIVING_PROGRESS = 99;

export interface VisibleProgress {
  readonly state: VideoState;
  /** Percent, as far as the upstream tells it. */
  readonly progress: number;
  /** When the upstream was first seen at work on it. */
  readonly startedAt: Date | null;
}

export function publicStatus(video: VisibleProgress): { status: VideoStatus; progress: number } {
  const status = video.state === 'rendering' && video.startedAt === null ? 'queued' : STATUS[video.state];
  switch (status) {
    case 'queued':
      return { status, progress: 0 };
    case 'in_progress':
      return {
        status,
        progress:
          video.state === 'archiving' ? ARCHIVING_PROGRESS : Math.min(video.progress, ARCHIVING_PROGRESS),
      };
    case 'completed':
      return { status, progress: 100 };
    case 'failed':
      return { status, progress: Math.min(video.progress, ARCHIVING_PROGRESS) };
  }
}

/** The inverse of `publicStatus`, for filters: a video that its upstream has not begun is queued for the caller. */
export function statesOf(status: VideoStatus): { states: readonly VideoState[]; started?: boolean } {
  const states = VIDEO_STATES.filter((state) => STATUS[state] === status);
  if (status === 'queued') return { states: [...states, 'rendering'], started: false };
  return status === 'in_progress' ? { states, started: true } : { states };
}

/** The jobs that work on one video. */
type VideoJobName = { [N in JobName]: JobPayload<N> extends { videoId: string } ? N : never }[JobName];

/** Which job moves a video on from here. Null where nothing is left to do. */
export function jobForState(state: VideoState, deleteRequested: boolean): VideoJobName | null {
  switch (state) {
    case 'accepted':
      return 'submit-video';
    case 'submitting':
    case 'unknown':
      return 'resolve-submission';
    case 'rendering':
      return 'poll-video';
    case 'archiving':
      return 'archive-video';
    case 'failed':
      // A failed row that is due still holds a reservation for a create nobody could account for.
      return deleteRequested ? 'purge-video' : 'resolve-submission';
    case 'stored':
    case 'partly_stored':
    case 'content_lost':
      return deleteRequested ? 'purge-video' : null;
    case 'purged':
      return null;
  }
}
