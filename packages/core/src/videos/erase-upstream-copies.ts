import type { ServiceContext } from '../context.ts';
import { listAnyUpstreamCopiesDue, markUpstreamCopyErased } from './queries/index.ts';

const BATCH = 50;

/** Erases at their upstream what is stored here, where the configuration wants that. Resolves to how many. */
export async function eraseUpstreamCopies(ctx: ServiceContext): Promise<number> {
  let erased = 0;
  for (const { id, upstreamAccountId, upstreamHandle } of await listAnyUpstreamCopiesDue(ctx.db, BATCH)) {
    const upstream = ctx.ports.upstreams(upstreamAccountId);
    if (!upstream || !upstreamHandle) continue;
    const result = await upstream.erase(upstreamHandle);
    if (result.kind === 'unavailable') {
      ctx.log.warn('upstream.not_erased', {
        videoId: id,
        upstream: upstreamAccountId,
        reason: result.reason,
      });
      continue;
    }
    await markUpstreamCopyErased(ctx.db, id);
    erased++;
  }
  return erased;
}
