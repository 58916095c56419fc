import type { VideoCounts } from '@reelgate/contract/admin';
import {
  type AllVideosFilter,
  countAllVideos,
  type FacetCount,
  type FacetCounts,
  findContent,
  findTeamOfVideo,
  getVideoStory,
  listAllVideos,
} from '@reelgate/core';
import { page, pageRequest } from '../../admin/answers.ts';
import type { AdminHandlers, AdminRequest } from '../../admin/handler.ts';
import { sendObject, servedAs } from '../../send-object.ts';
import { serializeStory } from './serialize-story.ts';
import { serializeAdminVideo } from './serialize-video.ts';

const EXPORTED_AT_ONCE = 500;

export const videoHandlers = {
  async listAdminVideos({ ctx, query }) {
    const request = { ...pageRequest(query), order: query.order ?? 'desc' };
    const { videos, hasMore } = await listAllVideos(ctx, filterOf(query), request);
    return page(videos.map(serializeAdminVideo), hasMore);
  },
  async countAdminVideos({ ctx, query }) {
    return serializeCounts(await countAllVideos(ctx, filterOf(query)));
  },
  async exportAdminVideos({ ctx, query }) {
    return allVideos(ctx, filterOf(query));
  },
  async getAdminVideo({ ctx, params }) {
    return serializeStory(await getVideoStory(ctx, params.video_id));
  },
  async getAdminVideoContent({ ctx, params, query, c }) {
    const teamId = await findTeamOfVideo(ctx, params.video_id);
    const content = await findContent(
      { db: ctx.db, principal: { teamId } },
      params.video_id,
      query.variant ?? 'video',
    );
    return await sendObject(c, { store: ctx.ports.objects, log: ctx.log }, servedAs(content, 'inline'));
  },
} satisfies AdminHandlers;

async function* allVideos(ctx: AdminRequest<'exportAdminVideos'>['ctx'], filter: AllVideosFilter) {
  let after: string | null = null;
  for (;;) {
    const request = { after, order: 'desc', limit: EXPORTED_AT_ONCE } as const;
    const { videos, hasMore } = await listAllVideos(ctx, filter, request);
    yield* videos.map(serializeAdminVideo);
    after = videos.at(-1)?.id ?? null;
    if (!hasMore) return;
  }
}

type Query = AdminRequest<'exportAdminVideos'>['query'];

export function filterOf(query: Query): AllVideosFilter {
  const { tag } = query;
  const colon = tag?.indexOf(':') ?? -1;
  return {
    search: query.q,
    statuses: query.status,
    states: query.state,
    teamIds: query.team_id,
    keyIds: query.key_id,
    models: query.model,
    upstreamIds: query.upstream_id,
    operations: query.operation,
    errorCodes: query.error_code,
    tag: tag === undefined ? undefined : { key: tag.slice(0, colon), value: tag.slice(colon + 1) },
    costMinMicroUsd: bigintOf(query.cost_min_micro_usd),
    costMaxMicroUsd: bigintOf(query.cost_max_micro_usd),
    createdFrom: query.created_after === undefined ? undefined : new Date(query.created_after),
    createdBefore: query.created_before === undefined ? undefined : new Date(query.created_before),
    rootId: query.root_id,
    atRisk: query.at_risk,
    stuck: query.stuck,
    hold: query.hold,
    deleted: query.deleted,
  };
}

function bigintOf(text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : BigInt(text);
}

function serializeCounts({ counts, ofNewest }: FacetCounts): VideoCounts {
  const of = (facet: FacetCount['facet']) =>
    counts
      .filter((count) => count.facet === facet)
      .map(({ value, label, count }) => ({ value, label, count }));
  const number = (facet: 'total' | 'at_risk' | 'stuck') => of(facet)[0]?.count ?? 0;
  return {
    object: 'video_counts',
    total: number('total'),
    of_newest: ofNewest,
    status: of('status'),
    state: of('state'),
    team: of('team'),
    key: of('key'),
    model: of('model'),
    upstream: of('upstream'),
    operation: of('operation'),
    error_code: of('error_code'),
    at_risk: number('at_risk'),
    stuck: number('stuck'),
  };
}
