import type { Retention, Team } from '@reelgate/contract/admin';
import {
  createTeam,
  getRetention,
  getTeam,
  listTeams,
  pullBrake,
  releaseBrake,
  setRetention,
  type TeamBudget,
  type Retention as TeamRetention,
  type TeamView,
  updateTeam,
} from '@reelgate/core';
import { money, moneyOrNull, page, pageRequest, time, timeOrNull } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

export const teamHandlers = {
  async listTeams({ ctx, query }) {
    const { teams, hasMore } = await listTeams(
      ctx,
      { search: query.q, state: query.state },
      pageRequest(query),
    );
    return page(teams.map(serializeTeam), hasMore);
  },
  async createTeam({ ctx, body }) {
    const { id } = await createTeam(ctx, body);
    return serializeTeam(await getTeam(ctx, id));
  },
  async getTeam({ ctx, params }) {
    return serializeTeam(await getTeam(ctx, params.team_id));
  },
  async updateTeam({ ctx, params, body }) {
    const { requests_per_minute: requestsPerMinute, webhook_hosts: webhookHosts, ...changes } = body;
    await updateTeam(ctx, params.team_id, { ...changes, requestsPerMinute, webhookHosts });
    return serializeTeam(await getTeam(ctx, params.team_id));
  },
  async freezeTeam({ ctx, params, body }) {
    await pullBrake(ctx, { scopeKind: 'team', scopeId: params.team_id }, body.reason);
    return serializeTeam(await getTeam(ctx, params.team_id));
  },
  async unfreezeTeam({ ctx, params }) {
    await releaseBrake(ctx, { scopeKind: 'team', scopeId: params.team_id });
    return serializeTeam(await getTeam(ctx, params.team_id));
  },
  async getRetention({ ctx, params }) {
    return serializeRetention(await getRetention(ctx, params.team_id));
  },
  async setRetention({ ctx, params, body }) {
    await setRetention(ctx, params.team_id, body.days);
    return serializeRetention(await getRetention(ctx, params.team_id));
  },
} satisfies AdminHandlers;

function serializeRetention({ teamId, teamName, days, updatedAt }: TeamRetention): Retention {
  return {
    object: 'retention',
    team: { id: teamId, name: teamName },
    days,
    updated_at: timeOrNull(updatedAt),
  };
}

function serializeTeam(team: TeamView): Team {
  return {
    id: team.id,
    object: 'team',
    name: team.name,
    state: team.state,
    disabled_at: timeOrNull(team.disabledAt),
    requests_per_minute: team.requestsPerMinute,
    webhook_hosts: [...team.webhookHosts],
    webhook_secret_hint: team.webhookSecretHint,
    frozen_at: timeOrNull(team.frozenAt),
    frozen_reason: team.frozenReason,
    frozen_by: team.frozenBy && { name: team.frozenBy.name, by_admin: team.frozenBy.byAdmin },
    created_at: time(team.createdAt),
    version: team.version,
    keys: team.keys,
    members: team.members,
    active_videos: team.activeVideos,
    concurrency_limit: moneyOrNull(team.concurrencyLimit),
    budget: team.budget && serializeBudget(team.budget),
  };
}

function serializeBudget(budget: TeamBudget): NonNullable<Team['budget']> {
  const { limitMicroUsd, usedMicroUsd, reservedMicroUsd } = budget;
  const left = limitMicroUsd === null ? null : limitMicroUsd - usedMicroUsd - reservedMicroUsd;
  return {
    quota_id: budget.quotaId,
    window: budget.window,
    time_zone: budget.timeZone,
    limit_micro_usd: moneyOrNull(limitMicroUsd),
    used_micro_usd: money(usedMicroUsd),
    reserved_micro_usd: money(reservedMicroUsd),
    left_micro_usd: moneyOrNull(left !== null && left < 0n ? 0n : left),
    burn_per_day_micro_usd: money(budget.perDayMicroUsd),
    runs_out_at: timeOrNull(budget.runsOutAt),
    resets_at: timeOrNull(budget.resetsAt),
  };
}
