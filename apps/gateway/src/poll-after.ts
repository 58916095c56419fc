import { publicStatus, type VideoView } from '@reelgate/core';

const MIN_MS = 1_000;
/** Every SDK keeps the first value that it gets for good, and Go's goes to 8 s at most: so never far from that. */
const MAX_MS = 5_000;

/**
 * When to look at a video again, in ms; null where it has ended. A tenth of the time that it seems to need still, judged by
 * its progress since it was created, between 1 and 5 seconds; 5 seconds while nothing is known of that, which is what a
 * first look after a create gets, and so what the SDKs' polling helpers go by. The start of the render would not do: it is
 * noticed late, when much of the progress is there already.
 */
export function pollAfterMs(video: VideoView, nowMs: number): number | null {
  const { status, progress } = publicStatus(video);
  if (status === 'completed' || status === 'failed') return null;
  if (progress === 0) return MAX_MS;
  const leftMs = (Math.max(0, nowMs - video.createdAt.getTime()) / progress) * (100 - progress);
  return Math.round(Math.min(MAX_MS, Math.max(MIN_MS, leftMs / 10)));
}
