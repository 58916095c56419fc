import type { UpstreamVideo, VideoUpstream } from '../ports/index.ts';

/** A list that was begun to be read so long ago is as good as a new one, in ms. */
const SHARED_MS = 1_500;
/** Pages read at most; each is about a hundred videos. */
const MAX_PAGES = 200;

export interface Shown {
  /** Newest first. */
  readonly videos: readonly UpstreamVideo[];
  /** Nothing that is as young as was asked for is missing. */
  readonly complete: boolean;
}

interface Reading {
  readonly begunAt: number;
  /** Reads on until it has everything back to this time, in ms. Null where the upstream did not answer. */
  backTo(earliestMs: number): Promise<Shown | null>;
}

const readings = new WeakMap<VideoUpstream, Reading>();

/**
 * Everything that an upstream shows back to this time. Those who ask at about the same moment share the reading, so that a thousand
 * creates whose answers were lost together are looked for in one list.
 */
export async function readSharedList(upstream: VideoUpstream, earliestMs: number): Promise<Shown | null> {
  let reading = readings.get(upstream);
  if (!reading || performance.now() - reading.begunAt > SHARED_MS) {
    reading = begin(upstream);
    readings.set(upstream, reading);
  }
  const shown = await reading.backTo(earliestMs);
  if (shown === null && readings.get(upstream) === reading) readings.delete(upstream);
  return shown;
}

function begin(upstream: VideoUpstream): Reading {
  const videos: UpstreamVideo[] = [];
  let pages = 0;
  let next: string | undefined;
  let ended = false;
  let turn: Promise<unknown> = Promise.resolve();

  const readOn = async (earliestMs: number): Promise<Shown | null> => {
    const reaches = () => {
      const oldest = videos.at(-1)?.createdAt?.getTime();
      return ended || (oldest !== undefined && oldest < earliestMs);
    };
    while (!reaches()) {
      if (pages === MAX_PAGES) return { videos: [...videos], complete: false };
      const result = await upstream.list(next === undefined ? {} : { after: next });
      if (result.kind === 'unavailable') return null;
      pages++;
      videos.push(...result.videos);
      next = result.next;
      ended = next === undefined;
    }
    return { videos: [...videos], complete: true };
  };

  return {
    begunAt: performance.now(),
    backTo(earliestMs) {
      const result = turn.then(() => readOn(earliestMs));
      turn = result.catch(() => undefined);
      return result;
    },
  };
}
