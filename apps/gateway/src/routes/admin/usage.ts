import type { UsageRow as PublicRow } from '@reelgate/contract/admin';
import { getUsage, type UsageRow } from '@reelgate/core';
import { money, time } from '../../admin/answers.ts';
import type { AdminHandlers, AdminRequest } from '../../admin/handler.ts';
import { badRequest } from '../../errors.ts';

const ROWS_SHOWN = 1_000;
const ROWS_EXPORTED = 100_000;

export const usageHandlers = {
  async getUsage({ ctx, query }) {
    const usage = await getUsage(ctx, questionOf(query), ROWS_SHOWN);
    return {
      object: 'usage' as const,
      from: time(usage.from),
      to: time(usage.until),
      time_zone: usage.timeZone,
      group_by: [...usage.groupBy],
      data: usage.rows.map(serializeRow),
      total: serializeRow(usage.total),
      truncated: usage.truncated,
    };
  },
  async exportUsage({ ctx, query }) {
    const usage = await getUsage(ctx, questionOf(query), ROWS_EXPORTED);
    if (usage.truncated) {
      throw badRequest(
        'invalid_value',
        `There would be more than ${ROWS_EXPORTED} rows. Choose a shorter time, or group by less.`,
        'group_by',
      );
    }
    return (usage.groupBy.length === 0 ? [usage.total] : usage.rows).map(serializeRow);
  },
} satisfies AdminHandlers;

function questionOf(query: AdminRequest<'getUsage'>['query']) {
  const { from, to } = query;
  return {
    from: from === undefined ? undefined : new Date(from),
    until: to === undefined ? undefined : new Date(to),
    groupBy: query.group_by,
    tagKey: query.tag_key,
    tagValue: query.tag_value,
    teamId: query.team_id,
    keyId: query.key_id,
    model: query.model,
    upstream: query.upstream_id,
    operation: query.operation,
  };
}

function serializeRow(row: UsageRow): PublicRow {
  return {
    ...(row.team !== undefined && { team_id: row.team, team_name: row.teamName ?? null }),
    ...(row.key !== undefined && { key_id: row.key, key_name: row.keyName ?? null }),
    ...(row.model !== undefined && { model: row.model }),
    ...(row.upstream !== undefined && { upstream_id: row.upstream }),
    ...(row.operation !== undefined && { operation: row.operation }),
    ...(row.day !== undefined && { day: row.day }),
    ...(row.month !== undefined && { month: row.month }),
    ...(row.tag !== undefined && { tag: row.tag }),
    videos: row.videos,
    failed_videos: row.failedVideos,
    seconds: row.seconds,
    spent_micro_usd: money(row.settledMicroUsd),
    reserved_micro_usd: money(row.reservedMicroUsd),
  };
}
