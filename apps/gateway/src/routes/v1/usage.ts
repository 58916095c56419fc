import {
  type Quota,
  type QuotaRequest,
  requestQuotaSchema,
  type Usage,
  usageQuerySchema,
} from '@reelgate/contract';
import {
  type Actor,
  getUsage,
  type LimitView,
  listOwnQuotas,
  ReelgateError,
  requestBudget,
  type UsageGroup,
  type UsageRow,
} from '@reelgate/core';
import { type Context, Hono } from 'hono';
import { parseWith } from '../../admin/parse.ts';
import { badRequest } from '../../errors.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import { queryOf } from '../../webhook-request.ts';
import { callerOf, type V1Deps } from './deps.ts';

const ROWS_SHOWN = 1_000;

/** What a key is told of itself and its team: never of another one, nor of the organization. */
export function createUsageRoutes(deps: V1Deps): Hono<GatewayEnv> {
  const caller = callerOf(deps);
  return new Hono<GatewayEnv>()
    .get('/usage', async (c) => {
      const { principal } = caller(c);
      const query = queryOf(c, usageQuerySchema);
      const { scope = 'team', from, to } = query;
      const usage = await getUsage(
        { db: deps.service.db, scope: [principal.teamId] },
        {
          from: from === undefined ? undefined : new Date(Number(from) * 1_000),
          until: to === undefined ? undefined : new Date(Number(to) * 1_000),
          groupBy: query.group_by?.split(',') as UsageGroup[] | undefined,
          tagKey: query.tag_key,
          tagValue: query.tag_value,
          keyId: scope === 'key' ? principal.keyId : undefined,
        },
        ROWS_SHOWN,
      );
      return c.json({
        object: 'usage',
        scope,
        from: unixSeconds(usage.from),
        to: unixSeconds(usage.until),
        time_zone: usage.timeZone,
        data: usage.rows.map(serializeRow),
        total: serializeRow(usage.total),
        truncated: usage.truncated,
      } satisfies Usage);
    })
    .all('/usage', refuseOtherMethods('GET', 'HEAD'))
    .get('/quota', async (c) => {
      const { timeZone, quotas } = await listOwnQuotas(deps.service, caller(c).principal);
      return c.json({
        object: 'quota',
        time_zone: timeZone,
        limits: quotas.map(serializeLimit),
      } satisfies Quota);
    })
    .all('/quota', refuseOtherMethods('GET', 'HEAD'))
    .post('/quota/requests', async (c) => {
      const { principal } = caller(c);
      const order = await deps.withFields(c.env.incoming, { file: null }, async (fields) =>
        parseWith(requestQuotaSchema, fields),
      );
      const request = await requestBudget(
        { db: deps.service.db, scope: [principal.teamId], actor: actorOf(c) },
        { limitId: order.limit_id, amount: BigInt(order.amount), reason: order.reason },
      ).catch((error: unknown) => {
        // 409 would be repeated by every SDK.
        if (error instanceof ReelgateError && error.code === 'conflict')
          throw badRequest('conflict', error.message, 'limit_id');
        throw error;
      });
      return c.json({
        id: request.id,
        object: 'quota.request',
        limit_id: request.limitId,
        amount: request.amount.toString(),
        reason: request.reason,
        state: request.state,
        created_at: unixSeconds(request.createdAt),
      } satisfies QuotaRequest);
    })
    .all('/quota/requests', refuseOtherMethods('POST'));
}

function actorOf(c: Context<GatewayEnv>): Actor {
  const { keyId } = c.var.principal;
  return { kind: 'api_key', id: keyId, name: keyId, requestId: c.var.record.id, ip: null };
}

function serializeRow(row: UsageRow): Usage['total'] {
  return {
    ...(row.day !== undefined && { day: row.day }),
    ...(row.month !== undefined && { month: row.month }),
    ...(row.model !== undefined && { model: row.model }),
    ...(row.operation !== undefined && { operation: row.operation }),
    ...(row.key !== undefined && { key_id: row.key }),
    ...(row.tag !== undefined && { tag: row.tag }),
    videos: row.videos,
    failed_videos: row.failedVideos,
    seconds: row.seconds,
    spent_micro_usd: Number(row.settledMicroUsd),
    reserved_micro_usd: Number(row.reservedMicroUsd),
  };
}

function serializeLimit(limit: LimitView): Quota['limits'][number] {
  const left =
    limit.hard === null ? null : BigInt(limit.hard) - BigInt(limit.settled) - BigInt(limit.reserved);
  return {
    id: limit.limitId,
    scope: limit.scopeKind === 'key' ? 'key' : 'team',
    metric: limit.metric,
    window: limit.window,
    span_seconds: limit.window === 'leaky' ? limit.spanSeconds : null,
    model: limit.model,
    tags: limit.tags,
    limit: limit.hard,
    soft_limit: limit.soft,
    granted: limit.granted,
    used: limit.settled,
    reserved: limit.reserved,
    left: left === null ? null : (left < 0n ? 0n : left).toString(),
    resets_at: limit.resetsAt === null ? null : unixSeconds(new Date(limit.resetsAt)),
  };
}

function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
