import type { Variant } from '@reelgate/contract';
import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { videoNotFound } from './get-video.ts';
import { findStoredAsset, findVideo } from './queries/index.ts';
import { publicStatus } from './state.ts';

/** Where one variant's bytes are, and what they are. */
export interface Content {
  readonly objectKey: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly sha256: string;
  readonly completedAt: Date | null;
}

/** Throws `video_not_found`, `video_not_ready`, `video_failed`, `video_expired` or `variant_not_available`. */
export async function findContent(
  ctx: { readonly db: CallerContext['db']; readonly principal: Pick<CallerContext['principal'], 'teamId'> },
  id: string,
  variant: Variant,
): Promise<Content> {
  const { teamId } = ctx.principal;
  const row = await findVideo(ctx.db, teamId, id);
  if (!row) throw videoNotFound(id);
  const { status } = publicStatus(row);
  if (row.state === 'content_lost') {
    throw new ReelgateError('video_expired', 'The content of this video was lost before it could be stored.');
  }
  if (status === 'failed')
    throw new ReelgateError('video_failed', `Video '${id}' failed and has no content.`);
  if (status !== 'completed') {
    throw new ReelgateError(
      'video_not_ready',
      `Video '${id}' is ${status}. Its content can be downloaded once it is completed.`,
      { retryAfterSeconds: 5 },
    );
  }
  const asset = await findStoredAsset(ctx.db, teamId, id, variant);
  if (!asset?.objectKey || asset.bytes === null || asset.sha256 === null || asset.contentType === null) {
    throw new ReelgateError('variant_not_available', `Video '${id}' has no ${variant}.`, {
      param: 'variant',
    });
  }
  return {
    objectKey: asset.objectKey,
    bytes: asset.bytes,
    contentType: asset.contentType,
    sha256: asset.sha256,
    completedAt: row.completedAt,
  };
}
