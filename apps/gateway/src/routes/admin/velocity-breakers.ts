import type { VelocityBreaker } from '@reelgate/contract/admin';
import {
  getVelocityBreaker,
  listVelocityBreakers,
  removeVelocityBreaker,
  setVelocityBreaker,
  type VelocityBreakerView,
  velocityScope,
} from '@reelgate/core';
import { moneyOrNull, page, pageRequest, time } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

export const velocityBreakerHandlers = {
  async listVelocityBreakers({ ctx, query }) {
    const { breakers, hasMore } = await listVelocityBreakers(
      ctx,
      { teamId: query.team_id },
      pageRequest(query),
    );
    return page(breakers.map(serializeBreaker), hasMore);
  },
  async getVelocityBreaker({ ctx, params }) {
    return serializeBreaker(await getVelocityBreaker(ctx, params.scope_id));
  },
  async setVelocityBreaker({ ctx, params, body }) {
    const cost = body.micro_usd_per_minute;
    await setVelocityBreaker(ctx, velocityScope(params.scope_id), {
      videosPerMinute: body.videos_per_minute,
      microUsdPerMinute: cost === null ? null : BigInt(cost),
      timesNormal: body.times_normal,
    });
    return serializeBreaker(await getVelocityBreaker(ctx, params.scope_id));
  },
  async deleteVelocityBreaker({ ctx, params }) {
    await removeVelocityBreaker(ctx, velocityScope(params.scope_id));
    return { object: 'done' as const, id: params.scope_id };
  },
} satisfies AdminHandlers;

function serializeBreaker(breaker: VelocityBreakerView): VelocityBreaker {
  return {
    id: breaker.scopeId,
    object: 'velocity_breaker',
    scope: { kind: breaker.scopeKind, id: breaker.scopeId, name: breaker.scopeName },
    videos_per_minute: breaker.videosPerMinute,
    micro_usd_per_minute: moneyOrNull(breaker.microUsdPerMinute),
    times_normal: breaker.timesNormal,
    updated_by: breaker.updatedBy,
    updated_at: time(breaker.updatedAt),
  };
}
