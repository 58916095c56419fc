import { type Database, newId, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { findTeamByName, insertTeam, upsertOrganization } from './queries.ts';

/** Makes a team. Throws `invalid_value` where the name is taken. */
export async function createTeam(
  ctx: { db: Database; actor?: Actor },
  input: { name: string },
): Promise<{ id: string; name: string }> {
  return await transaction(ctx.db, async (tx) => {
    await upsertOrganization(tx, 'Organization');
    const id = newId('team');
    if (!(await insertTeam(tx, { id, name: input.name }))) throw nameTaken(input.name);
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'team.create',
      target: id,
      teamId: id,
      after: { name: input.name },
    });
    return { id, name: input.name };
  });
}

export function nameTaken(name: string): ReelgateError {
  return new ReelgateError('invalid_value', `There is already a team named '${name}'.`, { param: 'name' });
}

export async function getTeamByName(ctx: { db: Database }, name: string) {
  return await findTeamByName(ctx.db, name);
}
