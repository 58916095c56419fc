import { randomBytes } from 'node:crypto';
import type { Behaviour } from './behaviour.ts';
import type { VideoOrder } from './orders.ts';

export interface Video extends VideoOrder {
  readonly id: string;
  readonly createdAtMs: number;
  /** How it was commanded to behave when it was created. */
  readonly behaviour: Behaviour;
  /** Place in the order of creation. */
  readonly ordinal: number;
  /** Unix milliseconds. A deleted or forgotten video is gone for callers and stays for the auditor. */
  deletedAtMs: number | null;
  forgottenAtMs: number | null;
  /** Content requests answered with bytes. */
  downloads: number;
}

export interface VideosStore {
  add(order: VideoOrder, behaviour: Behaviour, nowMs: number): Video;
  /** A video that callers may see. */
  find(id: string): Video | undefined;
  delete(video: Video, nowMs: number): void;
  /** Forgets one, or all: from now on they answer 404. Returns those that were forgotten. */
  forget(id: string | undefined, nowMs: number): Video[];
  /** Goes through the videos from one end, or from behind a video, including those that are gone. */
  walk(order: 'asc' | 'desc', after?: Video): Iterable<Video>;
  /** One that ever was, for a cursor and for the auditor. */
  findEver(id: string): Video | undefined;
  clear(): void;
}

export function createVideosStore(): VideosStore {
  const byId = new Map<string, Video>();
  let inOrder: Video[] = [];
  const isGone = (video: Video) => video.deletedAtMs !== null || video.forgottenAtMs !== null;
  return {
    add(order, behaviour, nowMs) {
      const video: Video = {
        ...order,
        id: `video_${randomBytes(24).toString('hex')}`,
        createdAtMs: nowMs,
        behaviour,
        ordinal: inOrder.length,
        deletedAtMs: null,
        forgottenAtMs: null,
        downloads: 0,
      };
      byId.set(video.id, video);
      inOrder.push(video);
      return video;
    },
    find(id) {
      const video = byId.get(id);
      return video && !isGone(video) ? video : undefined;
    },
    delete(video, nowMs) {
      video.deletedAtMs = nowMs;
    },
    forget(id, nowMs) {
      const forgotten = inOrder.filter((video) => !isGone(video) && (id === undefined || video.id === id));
      for (const video of forgotten) video.forgottenAtMs = nowMs;
      return forgotten;
    },
    *walk(order, after) {
      const step = order === 'asc' ? 1 : -1;
      const first = after ? after.ordinal + step : order === 'asc' ? 0 : inOrder.length - 1;
      for (let index = first; index >= 0 && index < inOrder.length; index += step) {
        const video = inOrder[index];
        if (video) yield video;
      }
    },
    findEver: (id) => byId.get(id),
    clear() {
      byId.clear();
      inOrder = [];
    },
  };
}
