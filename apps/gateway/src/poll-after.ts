import { publicStatus, type VideoView } from '@reelgate/core';

const MIN_MS = 1_000;
/** Go's SDK goes to 8 s at most, and every SDK keeps the first value for good: so never far from that. */
const MAX_MS = 5_000;

/**
 * When to look at a video again, in ms; null where it has ended. A tenth of the time that it seems to need still, judged by
 * its progress; where nothing is known of that, a tenth of its age. Between 1 and 5 seconds.
 */
export function pollAfterMs(video: VideoView, nowMs: number): number | null {
  const { status, progress } = publicStatus(video);
  if (status === 'completed' || status === 'failed') return null;
  const since = (at: Date) => Math.max(0, nowMs - at.getTime());
  const left =
    video.startedAt !== null && progress > 0
      ? (since(video.startedAt) / progress) * (100 - progress)
      : since(video.createdAt);
  return Math.round(Math.min(MAX_MS, Math.max(MIN_MS, left / 10)));
}
