import { type Behaviour, lifeOf } from './behaviour.ts';
import type { CharactersStore } from './characters-store.ts';
import type { FilesStore } from './files-store.ts';
import type { Ledger } from './ledger.ts';
import { type Lifetime, type Moment, momentAt, toWire } from './lifecycle.ts';
import { OpenAiError, videoNotFound } from './openai-error.ts';
import type { Renders } from './renders.ts';
import type { RuleBook } from './rules.ts';
import type { Video, VideosStore } from './videos-store.ts';

/** What the routes work on. */
export interface SimulatorState {
  readonly videos: VideosStore;
  readonly characters: CharactersStore;
  readonly files: FilesStore;
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

/** Throws while a video is not completed: it has no content, and nothing can be made from it. */
export function requireCompleted(state: SimulatorState, video: Video): void {
  const { status } = standing(state, video);
  if (status === 'completed') return;
  throw new OpenAiError(400, `Video is not ready yet: its status is '${status}'.`, {
    code: 'video_not_ready',
  });
}

/** The video as it stands, with what is commanded for this answer alone on top. */
export function present(state: SimulatorState, video: Video, passing: Behaviour = {}) {
  const behaviour = { ...video.behaviour, ...lifeOf(passing) };
  const moment = momentAt(video, behaviour, state.lifetime, state.now());
  if (moment.status === 'expired') throw videoNotFound(video.id);
  return toWire(video, behaviour, moment);
}
