/** What pauses a key by itself that is too fast. */
import { type Database, type Queryable, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR, type TeamScope } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import {
  type BrakeScope,
  deleteVelocityBreaker,
  findScopeName,
  insertVelocityBreaker,
  listVelocityBreakerViews,
  type VelocityBreaker,
  type VelocityBreakerView,
} from './queries/index.ts';
import { quotaNotFound } from './set-quota.ts';

interface Reader {
  readonly db: Database;
  readonly scope: TeamScope;
}

interface Writer {
  readonly db: Database;
  readonly actor?: Actor;
}

/** What an id is of: the company has one id, and a team's says that it is one. */
export function velocityScope(scopeId: string): BrakeScope {
  return { scopeKind: scopeId === 'org' ? 'org' : scopeId.startsWith('team_') ? 'team' : 'key', scopeId };
}

/** By scope; the company's for those who see everything. */
export async function listVelocityBreakers(
  ctx: Reader,
  filter: { readonly teamId?: string | undefined },
  page: { readonly after: string | null; readonly limit: number },
): Promise<{ breakers: readonly VelocityBreakerView[]; hasMore: boolean }> {
  const found = await listVelocityBreakerViews(ctx.db, ctx.scope, filter, { ...page, limit: page.limit + 1 });
  return { breakers: found.slice(0, page.limit), hasMore: found.length > page.limit };
}

/** Throws `not_found` where there is none, or it is another team's. */
export async function getVelocityBreaker(ctx: Reader, scopeId: string): Promise<VelocityBreakerView> {
  const [found] = await listVelocityBreakerViews(ctx.db, ctx.scope, { scopeId }, { after: null, limit: 1 });
  if (!found) throw quotaNotFound(scopeId);
  return found;
}

/** How fast a key may be before it is paused. With nothing but nulls its keys are not watched, whatever is set further out. */
export async function setVelocityBreaker(
  ctx: Writer,
  scope: BrakeScope,
  breaker: VelocityBreaker,
): Promise<void> {
  const actor = ctx.actor ?? SYSTEM_ACTOR;
  if (
    !((breaker.videosPerMinute ?? 1) >= 1) ||
    (breaker.microUsdPerMinute ?? 1n) < 1n ||
    !((breaker.timesNormal ?? 2) > 1)
  ) {
    throw new ReelgateError(
      'invalid_value',
      'Bounds are more than nothing, and times what is normal is more than one.',
    );
  }
  await transaction(ctx.db, async (tx) => {
    const { teamId } = await findWatched(tx, scope);
    const before = await deleteVelocityBreaker(tx, scope);
    await insertVelocityBreaker(tx, { ...scope, ...breaker, updatedBy: actor.id });
    await recordAudit(tx, actor, {
      action: 'velocity_breaker.set',
      target: scope.scopeId,
      teamId,
      before,
      after: { ...breaker },
    });
  });
}

/** The next one further out counts again. Throws `not_found` where there is none. */
export async function removeVelocityBreaker(ctx: Writer, scope: BrakeScope): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    const { teamId } = await findWatched(tx, scope);
    const before = await deleteVelocityBreaker(tx, scope);
    if (!before) throw quotaNotFound(scope.scopeId);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'velocity_breaker.delete',
      target: scope.scopeId,
      teamId,
      before,
    });
  });
}

/** The keys of the deployment make no videos, so that there is nothing to watch. */
async function findWatched(tx: Queryable, scope: BrakeScope): Promise<{ readonly teamId: string | null }> {
  const found = await findScopeName(tx, scope);
  if (!found || (scope.scopeKind === 'key' && found.teamId === null)) throw quotaNotFound(scope.scopeId);
  return found;
}
