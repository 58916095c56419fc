import type { AdminModel } from '@reelgate/contract/admin';
import { listAllModels, type ModelOverview, type VideoUpstream } from '@reelgate/core';
import { page } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

export const modelHandlers = {
  async listAdminModels({ ctx }) {
    const models = (await listAllModels(ctx)).map((model) =>
      serializeAdminModel(model, ctx.ports.upstreams(model.upstreamAccountId)?.capabilities),
    );
    return page(models, false, models.length);
  },
} satisfies AdminHandlers;

function serializeAdminModel(
  model: ModelOverview,
  capabilities: Pick<VideoUpstream['capabilities'], 'operations' | 'characters'> | undefined,
): AdminModel {
  return {
    id: model.name,
    object: 'model',
    upstream_id: model.upstreamAccountId,
    upstream_model: model.upstreamModel,
    aliases: [],
    seconds: model.seconds,
    sizes: model.sizes,
    default_seconds: model.defaultSeconds,
    default_size: model.defaultSize,
    capabilities: [...(capabilities?.operations ?? []), ...(capabilities?.characters ? ['characters'] : [])],
    enabled: model.enabled,
    unpriced_sizes: [...model.unpricedSizes],
    shutdown_at: null,
    videos_last_30_days: model.videosLast30Days,
  };
}
