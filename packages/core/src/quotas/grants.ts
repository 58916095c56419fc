/** More of a limit for a while. */
import { type Database, newId, type Queryable, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR, type TeamScope } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { getQuota } from './list-quotas.ts';
import {
  closeGate,
  findCalendar,
  findScopeName,
  type GrantView,
  insertGrant,
  listGrantViews,
  putInForce,
  revokeGrant,
} from './queries/index.ts';

interface Context {
  readonly db: Database;
  readonly scope: TeamScope;
  readonly actor?: Actor;
}

export interface GrantOrder {
  readonly limitId: string;
  readonly amount: bigint;
  readonly reason: string;
  /** The end of the open period, where absent; a limit without periods needs one. */
  readonly endsAt?: Date | undefined;
}

/** Raises a hard limit until a moment; ends by itself. Throws `not_found` and `invalid_value`. */
export async function grantMore(ctx: Context, order: GrantOrder): Promise<GrantView> {
  return await transaction(ctx.db, (tx) => grantWithin(tx, ctx, order));
}

/** The same within an open transaction. */
export async function grantWithin(tx: Queryable, ctx: Context, order: GrantOrder): Promise<GrantView> {
  const { limitId, amount, reason } = order;
  const actor = ctx.actor ?? SYSTEM_ACTOR;
  // Before anything is read, so that nobody changes or removes the limit meanwhile.
  await closeGate(tx);
  const quota = await getQuota({ ...ctx, db: tx }, limitId);
  if (quota.hardLimit === null) {
    throw new ReelgateError('invalid_value', 'This quota has no hard limit that could be raised.', {
      param: 'quota_id',
    });
  }
  if (amount <= 0n) {
    throw new ReelgateError('invalid_value', 'A grant is for more than nothing.', { param: 'amount' });
  }
  const { now } = await findCalendar(tx);
  const endsAt =
    order.endsAt ?? (quota.window === 'leaky' || quota.resetsAt === null ? null : new Date(quota.resetsAt));
  if (endsAt === null || endsAt <= now) {
    throw new ReelgateError('invalid_value', 'Say until when: a moment to come.', { param: 'ends_at' });
  }
  const id = newId('quotaGrant');
  await insertGrant(tx, {
    id,
    limitId,
    amount,
    reason,
    endsAt,
    grantedBy: actor.id,
    grantedByName: actor.name,
  });
  await putInForce(tx, limitId);
  await recordAudit(tx, actor, {
    action: 'grant.create',
    target: id,
    teamId: (await findScopeName(tx, quota))?.teamId ?? null,
    after: { limitId, amount, endsAt },
    reason,
  });
  return await getWithin(tx, 'all', id);
}

/** Ends it before its time. Videos that it has let pass go on. */
export async function endGrant(ctx: Context, id: string): Promise<GrantView> {
  return await transaction(ctx.db, async (tx) => {
    await closeGate(tx);
    const grant = await getWithin(tx, ctx.scope, id);
    if (await revokeGrant(tx, id)) await putInForce(tx, grant.limitId);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'grant.end',
      target: id,
      teamId: (await findScopeName(tx, grant))?.teamId ?? null,
      before: { amount: grant.amount, endsAt: grant.endsAt },
    });
    return await getWithin(tx, ctx.scope, id);
  });
}

async function getWithin(db: Queryable, scope: TeamScope, id: string): Promise<GrantView> {
  const [grant] = await listGrantViews(db, scope, { id }, { after: null, limit: 1 });
  if (grant) return grant;
  throw new ReelgateError('not_found', `Grant with id '${id.slice(0, 80)}' not found.`, {
    param: 'grant_id',
  });
}

/** Newest first. */
export async function listGrants(
  ctx: Context,
  filter: Parameters<typeof listGrantViews>[2],
  page: { readonly after: string | null; readonly limit: number },
): Promise<{ grants: readonly GrantView[]; hasMore: boolean }> {
  const grants = await listGrantViews(ctx.db, ctx.scope, filter, { ...page, limit: page.limit + 1 });
  return { grants: grants.slice(0, page.limit), hasMore: grants.length > page.limit };
}
