import type { CallerContext } from '../context.ts';
import { videoNotFound } from './get-video.ts';
import { findVideo, type LineageRow, listLineage } from './queries/index.ts';

export type LineageNode = LineageRow;

export interface Lineage {
  readonly videoId: string;
  /** From the first video down to the one asked for, which is last. */
  readonly ancestors: readonly LineageNode[];
  /** Everything made from it, nearest first. */
  readonly descendants: readonly LineageNode[];
  /** There are more ancestors, or more was made from it, than is shown. */
  readonly truncated: boolean;
  /** Of all that is shown, in micro-US-dollars. */
  readonly totalMicroUsd: bigint;
}

/** Bounds of one answer, however long somebody's chain of remixes is. */
const MAX_DEPTH = 100;
const MAX_DESCENDANTS = 500;

/** What a video was made from and what was made from it, with what each cost. Deleted ones are shown as such. Throws `video_not_found`. */
export async function getLineage(ctx: CallerContext, id: string): Promise<Lineage> {
  const { teamId } = ctx.principal;
  if (!(await findVideo(ctx.db, teamId, id))) throw videoNotFound(id);
  return await getLineageOfTeam(ctx, teamId, id);
}

/** The same for a video that the team has or had. */
export async function getLineageOfTeam(
  ctx: Pick<CallerContext, 'db'>,
  teamId: string,
  id: string,
): Promise<Lineage> {
  // One more of each tells whether there are more.
  const rows = await listLineage(ctx.db, teamId, id, {
    depth: MAX_DEPTH + 1,
    descendants: MAX_DESCENDANTS + 1,
  });
  const near = rows.filter((row) => Math.abs(row.distance) <= MAX_DEPTH);
  const ancestors = near.filter((row) => row.distance <= 0).sort((a, b) => a.distance - b.distance);
  const descendants = near.filter((row) => row.distance > 0).slice(0, MAX_DESCENDANTS);
  const shown = [...ancestors, ...descendants];
  const totalMicroUsd = shown.reduce((sum, row) => sum + row.costMicroUsd, 0n);
  return { videoId: id, ancestors, descendants, truncated: shown.length < rows.length, totalMicroUsd };
}
