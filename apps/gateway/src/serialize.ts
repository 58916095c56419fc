import type { Video, VideoList } from '@reelgate/contract';
import { publicStatus, type VideoPage, type VideoView } from '@reelgate/core';

/** The public object: always all 13 keys. `expires_at` is null, because what is stored is kept. */
export function serializeVideo(video: VideoView): Video {
  const { status, progress } = publicStatus(video);
  return {
    id: video.id,
    object: 'video',
    model: video.model,
    status,
    progress,
    created_at: unixSeconds(video.createdAt),
    completed_at: status === 'completed' && video.completedAt ? unixSeconds(video.completedAt) : null,
    expires_at: null,
    prompt: video.prompt,
    size: video.size,
    seconds: String(video.seconds),
    remixed_from_video_id: video.operation === 'remix' ? video.parentId : null,
    error:
      status === 'failed'
        ? {
            code: video.errorCode ?? 'processing_error',
            message: video.errorMessage ?? 'The video could not be rendered.',
          }
        : null,
  };
}

export function serializePage(page: VideoPage): VideoList {
  return {
    object: 'list',
    data: page.videos.map(serializeVideo),
    first_id: page.videos[0]?.id ?? null,
    last_id: page.videos.at(-1)?.id ?? null,
    has_more: page.hasMore,
  };
}

function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
