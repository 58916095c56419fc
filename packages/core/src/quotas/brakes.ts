/** What stops new videos at once, on every gateway: nothing is accepted from the commit of the brake on. */
import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import {
  type BrakeScope,
  deleteBrake,
  findBrake,
  findScopeName,
  upsertBrake,
  upsertVelocityBreaker,
  type VelocityBreaker,
} from './queries/index.ts';
import { quotaNotFound } from './set-quota.ts';

interface Context {
  readonly db: Database;
  readonly actor?: Actor;
}

const ACTIONS = { org: 'organization', team: 'team', key: 'key' } as const;

/** Pauses the company, freezes a team or pauses a key. What is under way goes on. */
export async function pullBrake(ctx: Context, scope: BrakeScope, reason: string): Promise<void> {
  const actor = ctx.actor ?? SYSTEM_ACTOR;
  await transaction(ctx.db, async (tx) => {
    const found = await findScopeName(tx, scope);
    if (!found) throw quotaNotFound(scope.scopeId);
    const before = await findBrake(tx, scope);
    await upsertBrake(tx, { ...scope, reason, pulledBy: actor.id });
    await recordAudit(tx, actor, {
      action: `${ACTIONS[scope.scopeKind]}.${scope.scopeKind === 'team' ? 'freeze' : 'pause'}`,
      target: scope.scopeId,
      teamId: found.teamId,
      before: before && { reason: before.reason },
      after: { reason },
      reason,
    });
  });
}

/** Lets new videos pass again. */
export async function releaseBrake(ctx: Context, scope: BrakeScope): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    const found = await findScopeName(tx, scope);
    if (!found) throw quotaNotFound(scope.scopeId);
    const before = await deleteBrake(tx, scope);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: `${ACTIONS[scope.scopeKind]}.${scope.scopeKind === 'team' ? 'unfreeze' : 'resume'}`,
      target: scope.scopeId,
      teamId: found.teamId,
      before: before && { reason: before.reason, pulledAt: before.pulledAt },
    });
  });
}

/** How fast a key may be before it is paused; with nothing but nulls there is no bound. */
export async function setVelocityBreaker(
  ctx: Context,
  scope: BrakeScope,
  breaker: VelocityBreaker,
): Promise<void> {
  const actor = ctx.actor ?? SYSTEM_ACTOR;
  await transaction(ctx.db, async (tx) => {
    const found = await findScopeName(tx, scope);
    if (!found) throw quotaNotFound(scope.scopeId);
    await upsertVelocityBreaker(tx, { ...scope, ...breaker, updatedBy: actor.id });
    await recordAudit(tx, actor, {
      action: 'velocity_breaker.set',
      target: scope.scopeId,
      teamId: found.teamId,
      after: { ...breaker },
    });
  });
}
