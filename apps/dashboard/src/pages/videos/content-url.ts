import type { AdminVideo } from '@reelgate/contract/admin';

type Variant = AdminVideo['variants'][number];

/** Where the browser gets a stored file, with the session's cookie. */
export function contentUrl(videoId: string, variant: Variant): string {
  return `/admin/v1/videos/${encodeURIComponent(videoId)}/content?variant=${variant}`;
}
