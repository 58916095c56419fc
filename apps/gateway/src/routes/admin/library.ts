import { listLibrary, searchEverything } from '@reelgate/core';
import { money, page, pageRequest, time } from '../../admin/answers.ts';
import type { AdminHandlers } from '../../admin/handler.ts';
import { serializeAdminVideo } from './serialize-video.ts';

export const libraryHandlers = {
  async listLibrary({ ctx, query }) {
    const filter = { teamIds: query.team_id, search: query.q };
    const { groups, hasMore } = await listLibrary(ctx, filter, pageRequest(query));
    return {
      object: 'list',
      data: groups.flatMap(({ videos, ...group }) => {
        const [first] = videos;
        if (!first) return [];
        return {
          object: 'lineage_group' as const,
          root_id: group.rootId,
          team: first.team,
          prompt: group.prompt,
          videos: videos.map(serializeAdminVideo),
          count: group.count,
          cost_micro_usd: money(group.costMicroUsd),
          last_at: time(group.lastAt),
        };
      }),
      first_id: groups[0]?.rootId ?? null,
      last_id: groups.at(-1)?.rootId ?? null,
      has_more: hasMore,
    };
  },
  async search({ ctx, query }) {
    const found = await searchEverything(ctx, query.q);
    return page(
      found.map(({ kind, id, label, detail }) => ({ kind, id, label, detail })),
      false,
    );
  },
} satisfies AdminHandlers;
