import type { Overview, SpendSeries } from '@reelgate/contract/admin';
import { getLatencySeries, getOverview, getSpendSeries, getStatusSeries } from '@reelgate/core';
import { money, moneyOrNull, time, timeOrNull } from '../../admin/answers.ts';
import type { AdminHandlers, AdminRequest } from '../../admin/handler.ts';

export const overviewHandlers = {
  async getOverview({ ctx, query }) {
    return serializeOverview(await getOverview(ctx, query.team_id));
  },
  async getSpendSeries({ ctx, query }) {
    const group = { by: query.group_by ?? 'team', tagKey: query.tag_key } as const;
    return serializeSpend(await getSpendSeries(ctx, filterOf(query), group));
  },
  async getStatusSeries({ ctx, query }) {
    const { hours, series } = await getStatusSeries(ctx, filterOf(query));
    return {
      object: 'status_series',
      hours: hours.map(time),
      series: series.map(({ status, videos }) => ({ status, videos: [...videos] })),
    };
  },
  async getLatencySeries({ ctx, query }) {
    const { hours, latencies } = await getLatencySeries(ctx, filterOf(query));
    return {
      object: 'latency_series',
      hours: hours.map(time),
      p50_seconds: latencies.map((latency) => latency?.p50 ?? null),
      p95_seconds: latencies.map((latency) => latency?.p95 ?? null),
      p99_seconds: latencies.map((latency) => latency?.p99 ?? null),
      videos: latencies.map((latency) => latency?.videos ?? 0),
    };
  },
} satisfies AdminHandlers;

function filterOf({ from, to, team_id: teamId, model }: AdminRequest<'getStatusSeries'>['query']) {
  return {
    ...(from !== undefined && { from: new Date(from) }),
    ...(to !== undefined && { to: new Date(to) }),
    teamId,
    model,
  };
}

function serializeOverview(overview: Awaited<ReturnType<typeof getOverview>>): Overview {
  const { month, lastDay } = overview;
  const ended = lastDay.completed + lastDay.failed;
  return {
    object: 'overview',
    at: time(overview.now),
    month: {
      from: time(month.from),
      to: time(month.to),
      time_zone: month.timeZone,
      spent_micro_usd: money(month.settledMicroUsd),
      reserved_micro_usd: money(month.reservedMicroUsd),
      forecast_micro_usd: moneyOrNull(month.forecastMicroUsd),
      budget_micro_usd: moneyOrNull(month.budgetMicroUsd),
      runs_out_at: timeOrNull(month.runsOutAt),
      videos: month.videos,
    },
    active: overview.active,
    last_24_hours: {
      completed: lastDay.completed,
      failed: lastDay.failed,
      success_rate: ended === 0 ? null : lastDay.completed / ended,
      p50_seconds_to_ready: lastDay.p50Seconds,
      p95_seconds_to_ready: lastDay.p95Seconds,
      webhook_attempts: lastDay.webhookAttempts,
      webhook_failure_rate:
        lastDay.webhookAttempts === 0 ? null : lastDay.webhookFailures / lastDay.webhookAttempts,
    },
    at_risk: overview.atRisk.map((video) => ({
      video_id: video.id,
      team: { id: video.teamId, name: video.teamName },
      expires_at: timeOrNull(video.deadlineAt),
      cost_micro_usd: money(video.costMicroUsd),
    })),
    storage: overview.storage,
    attention: overview.attention.map(({ teamId, since, ...rest }) => ({
      ...rest,
      team_id: teamId,
      since: timeOrNull(since),
    })),
  };
}

function serializeSpend(spend: Awaited<ReturnType<typeof getSpendSeries>>): SpendSeries {
  let sum = 0n;
  return {
    object: 'spend_series',
    time_zone: spend.timeZone,
    days: [...spend.days],
    series: spend.series.map(({ id, name, microUsd }) => ({
      id,
      name,
      spent_micro_usd: microUsd.map(money),
      total_micro_usd: money(microUsd.reduce((total, one) => total + one, 0n)),
    })),
    cumulative_micro_usd: spend.days.map((_, day) => {
      for (const { microUsd } of spend.series) sum += microUsd[day] ?? 0n;
      return money(sum);
    }),
    budget_micro_usd: moneyOrNull(spend.budgetMicroUsd),
  };
}
