import {
  adoptVideo,
  cancelAnyVideo,
  changeManyVideos,
  getVideoStory,
  holdVideo,
  hurryVideo,
  releaseVideo,
  removeVideo,
  restoreVideo,
  settleVideo,
  unholdVideo,
} from '@reelgate/core';
import type { AdminHandlers, AdminRequest } from '../../admin/handler.ts';
import { serializeStory } from './serialize-story.ts';
import { filterOf } from './videos.ts';

type Context = AdminRequest<'getAdminVideo'>['ctx'];

/** What an administrator does to one video. Each answers with how it stands then. */
export const videoActionHandlers = {
  async pollVideoNow({ ctx, params }) {
    await hurryVideo(ctx, params.video_id, 'video.poll');
    return await story(ctx, params.video_id);
  },
  async retryArchiving({ ctx, params }) {
    await hurryVideo(ctx, params.video_id, 'video.retry_archiving');
    return await story(ctx, params.video_id);
  },
  async cancelAdminVideo({ ctx, params }) {
    await cancelAnyVideo(ctx, params.video_id);
    return await story(ctx, params.video_id);
  },
  async settleVideo({ ctx, params, body }) {
    await settleVideo(ctx, params.video_id, {
      costMicroUsd: BigInt(body.cost_micro_usd),
      reason: body.reason,
    });
    return await story(ctx, params.video_id);
  },
  async releaseVideo({ ctx, params, body }) {
    await releaseVideo(ctx, params.video_id, body.reason);
    return await story(ctx, params.video_id);
  },
  async holdVideo({ ctx, params, body }) {
    await holdVideo(ctx, params.video_id, body.reason);
    return await story(ctx, params.video_id);
  },
  async unholdVideo({ ctx, params }) {
    await unholdVideo(ctx, params.video_id);
    return await story(ctx, params.video_id);
  },
  async restoreVideo({ ctx, params }) {
    await restoreVideo(ctx, params.video_id);
    return await story(ctx, params.video_id);
  },
  async deleteAdminVideo({ ctx, params }) {
    await removeVideo(ctx, params.video_id);
    return await story(ctx, params.video_id);
  },
  async bulkVideos({ ctx, body }) {
    const { action, ids, filter, reason, dry_run: dryRun } = body;
    const outcome = await changeManyVideos(ctx, {
      action,
      ids,
      filter: filter && filterOf(filter),
      reason,
      dryRun,
    });
    return { object: 'bulk_result', dry_run: dryRun, ...outcome, refused: [...outcome.refused] };
  },
  async adoptVideo({ ctx, body }) {
    const id = await adoptVideo(
      ctx,
      { accountId: body.upstream_id, upstreamId: body.upstream_video_id },
      {
        teamId: body.team_id,
        costMicroUsd: body.cost_micro_usd === undefined ? undefined : BigInt(body.cost_micro_usd),
        reason: body.reason,
      },
    );
    return await story(ctx, id);
  },
} satisfies AdminHandlers;

async function story(ctx: Context, id: string) {
  return serializeStory(await getVideoStory(ctx, id));
}
