import type { AdminContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { listAnyUpstreams, type UpstreamFacts } from './queries/index.ts';

/** Every upstream account, with how it does. They serve all teams, so only an admin of everything may ask. */
export async function listUpstreams(ctx: Pick<AdminContext, 'db'>): Promise<UpstreamFacts[]> {
  return await listAnyUpstreams(ctx.db, null);
}

/** Throws `not_found`. */
export async function getUpstream(ctx: Pick<AdminContext, 'db'>, id: string): Promise<UpstreamFacts> {
  const [found] = await listAnyUpstreams(ctx.db, id);
  if (!found) throw upstreamNotFound(id);
  return found;
}

export function upstreamNotFound(id: string): ReelgateError {
  return new ReelgateError('not_found', `Upstream '${id}' not found.`, { param: 'upstream_id' });
}
