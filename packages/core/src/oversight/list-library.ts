import type { AdminContext } from '../context.ts';
import { type LineageRow, listLineages } from './queries/library.ts';
import { findVideoOverviews, type VideoOverview } from './queries/videos.ts';

export interface LineageGroup extends LineageRow {
  readonly videos: readonly VideoOverview[];
  /** What the whole began with. */
  readonly prompt: string;
}

/** Finished videos by lineage, the one with the newest video first. `after`: the root that the page before ended with. */
export async function listLibrary(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  filter: { readonly teamIds?: readonly string[] | undefined; readonly search?: string | undefined },
  page: { readonly after: string | null; readonly limit: number },
): Promise<{ groups: readonly LineageGroup[]; hasMore: boolean }> {
  const { db, scope } = ctx;
  const request = { afterRootId: page.after, limit: page.limit + 1 };
  const rows = await listLineages(db, scope, filter, request);
  const shown = rows.slice(0, page.limit);
  const ids = shown.flatMap(({ rootId, videoIds }) => [rootId, ...videoIds]);
  const videos = new Map((await findVideoOverviews(db, scope, ids)).map((video) => [video.id, video]));
  const groups = shown.map((row) => ({
    ...row,
    prompt: videos.get(row.rootId)?.prompt ?? '',
    videos: row.videoIds.flatMap((id) => videos.get(id) ?? []),
  }));
  return { groups, hasMore: rows.length > page.limit };
}
