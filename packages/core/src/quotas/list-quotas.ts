import type { Database, Queryable } from '@reelgate/db';
import type { TeamScope } from '../context.ts';
import { findCalendar, type LimitFilter, type LimitView, listLimitViews } from './queries/index.ts';
import { quotaNotFound } from './set-quota.ts';

interface Context {
  readonly db: Database;
  readonly scope: TeamScope;
}

/** Limits in force and how they stand. */
export async function listQuotas(
  ctx: Context,
  filter: LimitFilter,
  page?: { readonly after: string | null; readonly limit: number },
): Promise<{ quotas: readonly LimitView[]; hasMore: boolean }> {
  if (!page) return { quotas: await listLimitViews(ctx.db, ctx.scope, filter), hasMore: false };
  const quotas = await listLimitViews(ctx.db, ctx.scope, filter, { ...page, limit: page.limit + 1 });
  return { quotas: quotas.slice(0, page.limit), hasMore: quotas.length > page.limit };
}

/** Throws `not_found` where there is none, or it is another team's. */
export async function getQuota(
  ctx: { readonly db: Queryable; readonly scope: TeamScope },
  id: string,
): Promise<LimitView> {
  const [quota] = await listLimitViews(ctx.db, ctx.scope, { id });
  if (!quota) throw quotaNotFound(id);
  return quota;
}

/** The team's own limits and those of one of its keys, as the key may see them. */
export async function listOwnQuotas(
  ctx: { db: Database },
  owner: { readonly teamId: string; readonly keyId: string },
): Promise<{ timeZone: string; quotas: readonly LimitView[] }> {
  const { timeZone } = await findCalendar(ctx.db);
  const quotas = await listLimitViews(ctx.db, [owner.teamId], { teamId: owner.teamId });
  return {
    timeZone,
    quotas: quotas.filter((quota) => quota.scopeKind === 'team' || quota.scopeId === owner.keyId),
  };
}
