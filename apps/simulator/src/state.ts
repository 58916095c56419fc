import type { Ledger } from './ledger.ts';
import { type Lifetime, type Moment, momentAt } from './lifecycle.ts';
import { videoNotFound } from './openai-error.ts';
import type { Renders } from './renders.ts';
import type { RuleBook } from './rules.ts';
import type { Video, VideosStore } from './videos-store.ts';

/** What the routes work on. */
export interface SimulatorState {
  readonly videos: VideosStore;
  readonly rules: RuleBook;
  readonly ledger: Ledger;
  readonly renders: Renders;
  readonly lifetime: Lifetime;
  /** Unix milliseconds. */
  now(): number;
}

/** How a video really stands; a deleted one as when it was deleted. A forgotten one is rendered all the same. */
export function standing(state: SimulatorState, video: Video): Moment {
  return momentAt(video, video.behaviour, state.lifetime, video.deletedAtMs ?? state.now());
}

/** A video that callers may see and that has not expired. */
export function findLiving(state: SimulatorState, id: string): Video {
  const video = state.videos.find(id);
  if (!video || standing(state, video).status === 'expired') throw videoNotFound(id);
  return video;
}
