import type { Queryable } from '@reelgate/db';
import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { failVideo } from './end-video.ts';
import { getVideo } from './get-video.ts';
import { claimVideo, findVideo } from './queries/index.ts';
import { publicStatus } from './state.ts';
import type { VideoView } from './video-view.ts';

/**
 * Cancels a video that no upstream has been sent yet, and gives its reservation back. Throws `video_not_found`, and
 * `not_cancellable` for one that is under way or has ended: it may cost money already. `alongside` is what else belongs into
 * the same transaction.
 */
export async function cancelVideo(
  ctx: CallerContext,
  id: string,
  alongside?: (tx: Queryable) => Promise<void>,
): Promise<VideoView> {
  await getVideo(ctx, id);
  const claim = await claimVideo(ctx.db, ctx.principal.teamId, id, 'accepted', {
    owner: ctx.owner,
    ms: ctx.timing.leaseMs,
  });
  const cancelled =
    claim !== null &&
    (await failVideo(ctx, claim, {
      code: 'cancelled',
      message: 'The video was cancelled before it was rendered.',
      money: 'release',
      ...(alongside && { alongside }),
    }));
  const row = await findVideo(ctx.db, ctx.principal.teamId, id);
  if (cancelled && row) return row;
  const status = row && publicStatus(row).status;
  const why = status === 'completed' || status === 'failed' ? `is ${status}` : 'is with its upstream already';
  throw new ReelgateError('not_cancellable', `Video '${id}' ${why} and cannot be cancelled.`);
}
