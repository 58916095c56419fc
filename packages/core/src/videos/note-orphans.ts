import type { ServiceContext } from '../context.ts';
import type { UpstreamVideo, VideoUpstream } from '../ports/index.ts';
import { findAnyAccountStart, recordOrphans } from './queries/index.ts';

/** A video may be unexplained for so long while the answer to its create is still looked for, in ms. */
const EXPLAINED_WITHIN_MS = 5 * 60_000;
/** Pages of one survey. */
const MAX_PAGES = 500;

/**
 * Notes which of the videos that an upstream shows no row of ours explains: made with our credential, perhaps paid for, and nobody's.
 * That happens when Postgres was restored to a moment before, and never otherwise.
 */
export async function noteOrphans(
  ctx: ServiceContext,
  upstream: VideoUpstream,
  shown: readonly UpstreamVideo[],
): Promise<void> {
  const dated = shown.flatMap(({ id, createdAt, state, visible }) =>
    createdAt ? [{ id, createdAt, snapshot: { state, createdAt, ...visible } }] : [],
  );
  const found = await recordOrphans(
    ctx.db,
    upstream.accountId,
    dated,
    ctx.timing.searchMs + EXPLAINED_WITHIN_MS,
  );
  for (const upstreamId of found) {
    ctx.log.error('upstream.orphan', { upstream: upstream.accountId, upstreamId });
  }
}

/** Reads all that an account shows since it is known here. Resolves to how many pages that were. */
export async function surveyAccount(ctx: ServiceContext, accountId: string): Promise<number> {
  const upstream = ctx.ports.upstreams(accountId);
  const start = await findAnyAccountStart(ctx.db, accountId);
  if (!upstream?.capabilities.lists || !start) return 0;
  let after: string | undefined;
  for (let pages = 1; pages <= MAX_PAGES; pages++) {
    const result = await upstream.list(after === undefined ? {} : { after });
    if (result.kind === 'unavailable') return pages - 1;
    await noteOrphans(ctx, upstream, result.videos);
    const oldest = result.videos.at(-1)?.createdAt;
    if (result.next === undefined || (oldest && oldest < start)) return pages;
    after = result.next;
  }
  return MAX_PAGES;
}
