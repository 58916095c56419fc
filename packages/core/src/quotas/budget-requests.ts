/** A team asks for more; approval makes a grant. */
import { type Database, newId, type Queryable, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR, type TeamScope } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { emitEvent } from '../webhooks/index.ts';
import { grantWithin } from './grants.ts';
import { getQuota } from './list-quotas.ts';
import {
  type BudgetRequestView,
  endRequest,
  findScopeName,
  insertRequest,
  listRequestViews,
} from './queries/index.ts';

interface Context {
  readonly db: Database;
  readonly scope: TeamScope;
  readonly actor?: Actor;
}

/** Asks for more of one of the team's or its keys' limits. Throws `not_found`, and `conflict` where it has asked already. */
export async function requestBudget(
  ctx: Context,
  order: { readonly limitId: string; readonly amount: bigint; readonly reason: string },
): Promise<BudgetRequestView> {
  const actor = ctx.actor ?? SYSTEM_ACTOR;
  const quota = await getQuota(ctx, order.limitId);
  if (order.amount <= 0n) {
    throw new ReelgateError('invalid_value', 'Ask for more than nothing.', { param: 'amount' });
  }
  return await transaction(ctx.db, async (tx) => {
    const owner = await findScopeName(tx, quota);
    if (!owner?.teamId) {
      throw new ReelgateError('invalid_value', 'Teams ask for more of their own limits only.', {
        param: 'quota_id',
      });
    }
    const id = newId('budgetRequest');
    const { teamId } = owner;
    const row = { ...order, id, teamId, requestedBy: actor.id, requestedByName: actor.name };
    if (!(await insertRequest(tx, row))) {
      throw new ReelgateError(
        'conflict',
        'Your team has asked for more of this quota already; wait for the answer.',
      );
    }
    await emitEvent(tx, {
      teamId,
      type: 'budget_request.created',
      data: { id, quota_id: order.limitId, amount: order.amount.toString() },
    });
    const { reason, ...after } = order;
    await recordAudit(tx, actor, { action: 'budget_request.create', target: id, teamId, after, reason });
    return await getWithin(tx, 'all', id);
  });
}

export type BudgetDecision =
  | {
      readonly state: 'approved';
      readonly amount?: bigint | undefined;
      readonly endsAt?: Date | undefined;
      readonly note?: string | undefined;
    }
  | { readonly state: 'denied'; readonly note: string }
  | { readonly state: 'withdrawn' };

const ACTIONS = { approved: 'approve', denied: 'deny', withdrawn: 'withdraw' } as const;

/** Ends an open request. Throws `not_found`, and `conflict` where somebody was faster. */
export async function decideBudgetRequest(
  ctx: Context,
  id: string,
  decision: BudgetDecision,
): Promise<BudgetRequestView> {
  const actor = ctx.actor ?? SYSTEM_ACTOR;
  return await transaction(ctx.db, async (tx) => {
    const request = await getWithin(tx, ctx.scope, id);
    const note = 'note' in decision ? (decision.note ?? null) : null;
    const grant =
      decision.state === 'approved' && request.state === 'open'
        ? await grantWithin(
            tx,
            { ...ctx, scope: 'all' },
            {
              limitId: request.limitId,
              amount: decision.amount ?? request.amount,
              reason: request.reason,
              endsAt: decision.endsAt,
            },
          )
        : null;
    const ended = {
      state: decision.state,
      decidedBy: actor.id,
      decidedByName: actor.name,
      note,
      grantId: grant?.id ?? null,
    };
    // Where somebody was faster, the grant goes with the transaction.
    if (!(await endRequest(tx, id, ended))) {
      throw new ReelgateError('conflict', 'This request has been decided already.');
    }
    await recordAudit(tx, actor, {
      action: `budget_request.${ACTIONS[decision.state]}`,
      target: id,
      teamId: request.teamId,
      before: { state: request.state, amount: request.amount },
      after: { state: decision.state, note },
    });
    return await getWithin(tx, 'all', id);
  });
}

async function getWithin(db: Queryable, scope: TeamScope, id: string): Promise<BudgetRequestView> {
  const [request] = await listRequestViews(db, scope, { id }, { after: null, limit: 1 });
  if (request) return request;
  throw new ReelgateError('not_found', `Budget request with id '${id.slice(0, 80)}' not found.`, {
    param: 'budget_request_id',
  });
}

/** Newest first. */
export async function listBudgetRequests(
  ctx: Context,
  filter: Parameters<typeof listRequestViews>[2],
  page: { readonly after: string | null; readonly limit: number },
): Promise<{ requests: readonly BudgetRequestView[]; hasMore: boolean }> {
  const requests = await listRequestViews(ctx.db, ctx.scope, filter, { ...page, limit: page.limit + 1 });
  return { requests: requests.slice(0, page.limit), hasMore: requests.length > page.limit };
}
