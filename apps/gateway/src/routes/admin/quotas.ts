import type { BudgetRequest, Grant, Quota } from '@reelgate/contract/admin';
import {
  type BudgetRequestView,
  decideBudgetRequest,
  endGrant,
  type GrantView,
  getQuota,
  grantMore,
  type LimitView,
  listBudgetRequests,
  listGrants,
  listQuotas,
  previewQuota,
  ReelgateError,
  removeQuota,
  requestBudget,
  setQuota,
} from '@reelgate/core';
import { money, moneyOrNull, page, pageRequest, time, timeOrNull } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';

export const quotaHandlers = {
  async listQuotas({ ctx, query }) {
    const filter = {
      scopeKind: query.scope_kind,
      scopeId: query.scope_id,
      teamId: query.team_id,
      ...(query.metric !== undefined && { metric: countedMetric(query.metric) }),
    };
    const { quotas, hasMore } = await listQuotas(ctx, filter, pageRequest(query));
    return page(quotas.map(serializeQuota), hasMore);
  },
  async createQuota({ ctx, body }) {
    const { window } = body;
    if (window === 'minute') throw requestsElsewhere('window');
    const limit = await setQuota(
      ctx,
      {
        scopeKind: body.scope_kind,
        scopeId: body.scope_id,
        metric: countedMetric(body.metric),
        window,
        model: body.model ?? null,
        tags: body.tag ? { [body.tag.key]: body.tag.value } : {},
        ...(body.span_seconds !== undefined && { spanSeconds: body.span_seconds }),
        hard: amountOrNull(body.hard),
        soft: amountOrNull(body.soft ?? null),
        ...(body.thresholds !== undefined && { thresholds: body.thresholds }),
      },
      { expectedVersion: 0 },
    );
    return serializeQuota(await getQuota(ctx, limit.id));
  },
  async getQuota({ ctx, params }) {
    return serializeQuota(await getQuota(ctx, params.quota_id));
  },
  async updateQuota({ ctx, params, body }) {
    const before = await getQuota(ctx, params.quota_id);
    await setQuota(
      ctx,
      {
        ...before,
        hard: body.hard === undefined ? before.hardLimit : amountOrNull(body.hard),
        soft: amountOrNull(body.soft === undefined ? before.soft : body.soft),
        thresholds: body.thresholds ?? before.thresholds,
      },
      { expectedVersion: body.version ?? before.version },
    );
    return serializeQuota(await getQuota(ctx, params.quota_id));
  },
  async deleteQuota({ ctx, params }) {
    await removeQuota(ctx, params.quota_id);
    return { object: 'done' as const, id: params.quota_id };
  },
  async previewQuota({ ctx, params, body }) {
    const preview = await previewQuota(ctx, params.quota_id, amountOrNull(body.hard));
    return {
      object: 'quota.preview' as const,
      quota_id: params.quota_id,
      hard: body.hard,
      used: preview.quota.settled,
      reserved: preview.quota.reserved,
      left: moneyOrNull(preview.left),
      over: preview.over,
      percent: preview.percent,
      runs_out_at: timeOrNull(preview.runsOutAt),
      would_have_refused: preview.wouldHaveRefused,
    };
  },
  async listGrants({ ctx, query }) {
    const filter = {
      ...(query.quota_id !== undefined && { limitId: query.quota_id }),
      ...(query.team_id !== undefined && { teamId: query.team_id }),
      ...(query.state !== undefined && { state: query.state }),
    };
    const { grants, hasMore } = await listGrants(ctx, filter, pageRequest(query));
    return page(grants.map(serializeGrant), hasMore);
  },
  async createGrant({ ctx, body }) {
    const order = { limitId: body.quota_id, amount: BigInt(body.amount), reason: body.reason };
    return serializeGrant(await grantMore(ctx, { ...order, endsAt: momentOf(body.ends_at) }));
  },
  async endGrant({ ctx, params }) {
    return serializeGrant(await endGrant(ctx, params.grant_id));
  },
  async listBudgetRequests({ ctx, query }) {
    const filter = {
      ...(query.team_id !== undefined && { teamId: query.team_id }),
      ...(query.state !== undefined && { state: query.state }),
    };
    const { requests, hasMore } = await listBudgetRequests(ctx, filter, pageRequest(query));
    return page(requests.map(serializeRequest), hasMore);
  },
  async createBudgetRequest({ ctx, body }) {
    const order = { limitId: body.quota_id, amount: BigInt(body.amount), reason: body.reason };
    return serializeRequest(await requestBudget(ctx, order));
  },
  async approveBudgetRequest({ ctx, params, body }) {
    return serializeRequest(
      await decideBudgetRequest(ctx, params.budget_request_id, {
        state: 'approved',
        amount: body.amount === undefined ? undefined : BigInt(body.amount),
        endsAt: momentOf(body.ends_at),
        note: body.note,
      }),
    );
  },
  async denyBudgetRequest({ ctx, params, body }) {
    const decision = { state: 'denied', note: body.note } as const;
    return serializeRequest(await decideBudgetRequest(ctx, params.budget_request_id, decision));
  },
  async withdrawBudgetRequest({ ctx, params }) {
    return serializeRequest(await decideBudgetRequest(ctx, params.budget_request_id, { state: 'withdrawn' }));
  },
} satisfies AdminHandlers;

function countedMetric(metric: Quota['metric']): LimitView['metric'] {
  if (metric === 'requests') throw requestsElsewhere('metric');
  return metric;
}

function requestsElsewhere(param: string): ReelgateError {
  return new ReelgateError(
    'invalid_value',
    'Requests per minute are limited at the team and at the key: `requests_per_minute`.',
    { param },
  );
}

function amountOrNull(digits: string | null): bigint | null {
  return digits === null ? null : BigInt(digits);
}

function momentOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

function serializeQuota(limit: LimitView): Quota {
  const used = BigInt(limit.settled) + BigInt(limit.reserved);
  const room = limit.hard === null ? null : BigInt(limit.hard);
  const [label] = Object.entries(limit.tags);
  return {
    id: limit.limitId,
    object: 'quota',
    scope: { kind: limit.scopeKind, id: limit.scopeId, name: limit.scopeName },
    metric: limit.metric,
    window: limit.window,
    span_seconds: limit.window === 'leaky' ? limit.spanSeconds : null,
    time_zone: limit.timeZone,
    model: limit.model,
    tag: label ? { key: label[0], value: label[1] } : null,
    hard: moneyOrNull(limit.hardLimit),
    soft: limit.soft,
    thresholds: [...limit.thresholds],
    used: limit.settled,
    reserved: limit.reserved,
    granted: limit.granted,
    left: moneyOrNull(room === null ? null : room > used ? room - used : 0n),
    period_start: limit.periodStartsAt === null ? null : time(new Date(limit.periodStartsAt)),
    resets_at: limit.resetsAt === null ? null : time(new Date(limit.resetsAt)),
    updated_at: time(limit.updatedAt),
    version: limit.version,
  };
}

function serializeGrant(grant: GrantView): Grant {
  return {
    id: grant.id,
    object: 'grant',
    quota_id: grant.limitId,
    scope: { kind: grant.scopeKind, id: grant.scopeId, name: grant.scopeName },
    metric: grant.metric,
    amount: money(grant.amount),
    reason: grant.reason,
    state: grant.isActive ? 'active' : 'ended',
    starts_at: time(grant.createdAt),
    ends_at: time(grant.endsAt),
    created_by: { id: grant.grantedBy, name: grant.grantedByName },
    created_at: time(grant.createdAt),
  };
}

function serializeRequest(request: BudgetRequestView): BudgetRequest {
  return {
    id: request.id,
    object: 'budget_request',
    team: { id: request.teamId, name: request.teamName },
    quota_id: request.limitId,
    metric: request.metric,
    amount: money(request.amount),
    reason: request.reason,
    state: request.state,
    requested_by: { id: request.requestedBy, name: request.requestedByName },
    created_at: time(request.createdAt),
    decided_by:
      request.decidedBy === null ? null : { id: request.decidedBy, name: request.decidedByName ?? '' },
    decided_at: timeOrNull(request.decidedAt),
    note: request.note,
    grant_id: request.grantId,
  };
}
