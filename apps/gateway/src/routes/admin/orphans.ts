import {
  ignoreOrphan,
  listOrphans,
  listParkedVideos,
  type OrphanPlace,
  type OrphanRow,
} from '@reelgate/core';
import { money, page, pageRequest, time } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';
import { badRequest } from '../../errors.ts';
import { isStorable } from '../../plain-fields.ts';

const PREFIX = 'orphan_';

export const orphanHandlers = {
  async listOrphans({ ctx, query }) {
    const { after, limit } = pageRequest(query);
    const { orphans, hasMore } = await listOrphans(
      ctx,
      { accountId: query.upstream_id, state: query.state },
      { after: after === null ? null : placeOf(after, 'after'), limit },
    );
    return page(orphans.map(serializeOrphan), hasMore);
  },
  async ignoreOrphan({ ctx, params, body }) {
    await ignoreOrphan(ctx, placeOf(params.orphan_id, 'orphan_id'), body.reason);
    return { object: 'done', id: params.orphan_id };
  },
  async listParkedReservations({ ctx, query }) {
    const { after, limit } = pageRequest(query);
    const { videos, hasMore } = await listParkedVideos(ctx, { teamId: query.team_id, after, limit });
    const data = videos.map((video) => ({
      object: 'parked_reservation' as const,
      video_id: video.id,
      team: { id: video.teamId, name: video.teamName },
      model: video.model,
      upstream_id: video.upstreamAccountId,
      cost_micro_usd: money(video.costMicroUsd),
      error: video.errorCode === null ? null : { code: video.errorCode, message: video.errorMessage ?? '' },
      created_at: time(video.createdAt),
    }));
    return {
      object: 'list',
      data,
      first_id: data[0]?.video_id ?? null,
      last_id: data.at(-1)?.video_id ?? null,
      has_more: hasMore,
    };
  },
} satisfies AdminHandlers;

function serializeOrphan(row: OrphanRow) {
  return {
    id: idOf({ accountId: row.upstreamAccountId, upstreamId: row.upstreamId }),
    object: 'orphan' as const,
    upstream_id: row.upstreamAccountId,
    upstream_video_id: row.upstreamId,
    first_seen_at: time(row.firstSeenAt),
    state: row.state,
    snapshot: row.snapshot,
    adopted_video_id: row.adoptedVideoId,
    decided_by: row.decidedBy,
  };
}

/** An upstream's ids are its own affair: ours names both parts, in letters that fit a path. */
function idOf({ accountId, upstreamId }: OrphanPlace): string {
  return `${PREFIX}${Buffer.from(JSON.stringify([accountId, upstreamId])).toString('base64url')}`;
}

function placeOf(id: string, param: string): OrphanPlace {
  try {
    const parts = JSON.parse(Buffer.from(id.slice(PREFIX.length), 'base64url').toString()) as unknown[];
    const [accountId, upstreamId] = parts;
    const isOurs = id.startsWith(PREFIX) && typeof accountId === 'string' && typeof upstreamId === 'string';
    if (isOurs && isStorable(accountId) && isStorable(upstreamId)) return { accountId, upstreamId };
  } catch {
    // Not one of ours.
  }
  throw badRequest('invalid_value', `Invalid '${param}': expected the id of an orphan.`, param);
}
