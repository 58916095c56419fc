/** What stops new videos at once, on every gateway: nothing is accepted from the commit of the brake on. */
import { type Database, type Queryable, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR, type TeamScope } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import {
  type BrakeRow,
  type BrakeScope,
  deleteBrake,
  findBrake,
  findScopeName,
  upsertBrake,
} from './queries/index.ts';

interface Context {
  readonly db: Database;
  /** Only teams in it, their keys, and nothing of the company's, where it is not all. */
  readonly scope?: TeamScope;
  readonly actor?: Actor;
}

const ACTIONS = { org: 'organization', team: 'team', key: 'key' } as const;

/** Pauses the company, freezes a team or pauses a key. What an upstream has taken goes on; what still waits for one waits longer. */
export async function pullBrake(ctx: Context, scope: BrakeScope, reason: string): Promise<void> {
  const actor = ctx.actor ?? SYSTEM_ACTOR;
  await transaction(ctx.db, async (tx) => {
    const { teamId } = await findHeld(tx, ctx.scope ?? 'all', scope);
    const before = await findBrake(tx, scope);
    if (before) requireRelease(before, ctx.scope);
    const byAdmin = (ctx.scope ?? 'all') === 'all';
    await upsertBrake(tx, { ...scope, reason, pulledBy: actor.id, byAdmin });
    await recordAudit(tx, actor, {
      action: `${ACTIONS[scope.scopeKind]}.${scope.scopeKind === 'team' ? 'freeze' : 'pause'}`,
      target: scope.scopeId,
      teamId,
      before: before && { reason: before.reason },
      after: { reason },
      reason,
    });
  });
}

/** Lets new videos pass again. Throws `forbidden` where that is not for whoever asks to decide. */
export async function releaseBrake(ctx: Context, scope: BrakeScope): Promise<void> {
  await transaction(ctx.db, async (tx) => {
    const { teamId } = await findHeld(tx, ctx.scope ?? 'all', scope);
    const before = await deleteBrake(tx, scope);
    if (before) requireRelease(before, ctx.scope);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: `${ACTIONS[scope.scopeKind]}.${scope.scopeKind === 'team' ? 'unfreeze' : 'resume'}`,
      target: scope.scopeId,
      teamId,
      before: before && { reason: before.reason, pulledAt: before.pulledAt },
    });
  });
}

/** A team that the company has frozen does not free itself, nor say another reason for it. */
function requireRelease({ byAdmin }: BrakeRow, teams: TeamScope = 'all'): void {
  if (!byAdmin || teams === 'all') return;
  throw new ReelgateError(
    'forbidden',
    'An administrator of all teams has pulled this brake, and only one of them can release it.',
  );
}

/** Throws `team_not_found` or `key_not_found` where there is none, or it is another's. The keys of the deployment make no videos. */
async function findHeld(
  tx: Queryable,
  teams: TeamScope,
  { scopeKind, scopeId }: BrakeScope,
): Promise<{ readonly teamId: string | null }> {
  const found = await findScopeName(tx, { scopeKind, scopeId });
  const isOurs = teams === 'all' || teams.includes(found?.teamId ?? '');
  if (found && isOurs && (scopeKind === 'org' || found.teamId !== null)) return found;
  const [code, kind] =
    scopeKind === 'key' ? (['key_not_found', 'API key'] as const) : (['team_not_found', 'Team'] as const);
  throw new ReelgateError(code, `${kind} with id '${scopeId.slice(0, 80)}' not found.`, {
    param: `${scopeKind}_id`,
  });
}
