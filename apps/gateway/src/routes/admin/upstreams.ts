import type { Upstream } from '@reelgate/contract/admin';
import { getUpstream, listUpstreams, setUpstreamState, type UpstreamFacts } from '@reelgate/core';
import { page, timeOrNull } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

/** So long after a list was read an upstream counts as healthy, in ms. */
const HEALTHY_FOR_MS = 5 * 60_000;
/** With fewer of its videos finished than this an upstream is not well. */
const WELL = 0.8;

export const upstreamHandlers = {
  async listUpstreams({ ctx }) {
    return page((await listUpstreams(ctx)).map(serializeUpstream), false);
  },
  async getUpstream({ ctx, params }) {
    return serializeUpstream(await getUpstream(ctx, params.upstream_id));
  },
  async setUpstreamState({ ctx, params, body }) {
    const intake = body.state === 'active' ? 'open' : body.state;
    await setUpstreamState(ctx, params.upstream_id, { intake, reason: body.reason });
    return serializeUpstream(await getUpstream(ctx, params.upstream_id));
  },
} satisfies AdminHandlers;

function serializeUpstream(facts: UpstreamFacts): Upstream {
  const ended = facts.stored + facts.failed;
  const rate = ended === 0 ? null : facts.stored / ended;
  return {
    id: facts.id,
    object: 'upstream',
    kind: facts.kind,
    base_url: facts.baseUrl,
    state: facts.intake === 'open' ? 'active' : facts.intake,
    state_reason: facts.intakeReason,
    health: healthOf(facts, rate),
    breaker: {
      state: facts.breakerState,
      until: timeOrNull(facts.breakerUntil),
      reason: facts.breakerReason,
    },
    out_of_credit: facts.outOfCredit,
    in_flight: facts.inFlight,
    in_flight_limit: null,
    waiting: facts.waiting,
    errors_last_hour: facts.errorsLastHour.map((error) => ({ ...error })),
    success_rate_last_24_hours: rate,
    p50_seconds: facts.p50Seconds,
    p95_seconds: facts.p95Seconds,
    clock_skew_ms: facts.clockSkewMs,
    last_listed_at: timeOrNull(facts.listHealthyAt),
    models: [...facts.models],
    shutdown_at: null,
  };
}

function healthOf({ listHealthyAt, errorsLastHour }: UpstreamFacts, rate: number | null): Upstream['health'] {
  const listed = listHealthyAt !== null && Date.now() - listHealthyAt.getTime() < HEALTHY_FOR_MS;
  if (rate === null && !listed && errorsLastHour.length === 0) return 'unknown';
  if (!listed && errorsLastHour.length > 0) return 'failing';
  return rate !== null && rate < WELL ? 'degraded' : 'healthy';
}
