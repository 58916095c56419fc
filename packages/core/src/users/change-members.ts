import { transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { getTeam } from '../teams/index.ts';
import { userNotFound } from './get-user.ts';
import { deleteMember, insertTeamMembers, listMembers, lockUser, type MemberView } from './queries.ts';

type Context = Pick<AdminContext, 'db' | 'scope' | 'actor'>;

/** By address. Throws `team_not_found`. */
export async function listTeamMembers(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  teamId: string,
): Promise<readonly MemberView[]> {
  await getTeam(ctx, teamId);
  return await listMembers(ctx.db, ctx.scope, teamId);
}

/** Throws `team_not_found`, and `not_found` for the person. */
export async function addTeamMember(ctx: Context, teamId: string, userId: string): Promise<MemberView> {
  await getTeam(ctx, teamId);
  return await transaction(ctx.db, async (tx) => {
    if (!(await lockUser(tx, userId))) throw userNotFound(userId);
    await insertTeamMembers(tx, userId, [teamId]);
    await recordAudit(tx, ctx.actor, {
      action: 'team.member.add',
      target: teamId,
      teamId,
      after: { userId },
    });
    const member = (await listMembers(tx, ctx.scope, teamId)).find((one) => one.userId === userId);
    if (!member) throw userNotFound(userId);
    return member;
  });
}

/** Throws `team_not_found`, and `not_found` for somebody who is not in it. */
export async function removeTeamMember(ctx: Context, teamId: string, userId: string): Promise<void> {
  await getTeam(ctx, teamId);
  await transaction(ctx.db, async (tx) => {
    if (!(await deleteMember(tx, teamId, userId))) throw userNotFound(userId);
    await recordAudit(tx, ctx.actor, {
      action: 'team.member.remove',
      target: teamId,
      teamId,
      before: { userId },
    });
  });
}
