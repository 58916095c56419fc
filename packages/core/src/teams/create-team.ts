import { type Database, newId, transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { findTeamByName, insertTeam, upsertOrganization } from './queries.ts';

/** Makes a team. Throws `invalid_value` where the name is taken. */
export async function createTeam(
  ctx: { db: Database },
  input: { name: string },
): Promise<{ id: string; name: string }> {
  return await transaction(ctx.db, async (tx) => {
    await upsertOrganization(tx, 'Organization');
    const id = newId('team');
    if (!(await insertTeam(tx, { id, name: input.name }))) {
      throw new ReelgateError('invalid_value', `There is already a team named '${input.name}'.`, {
        param: 'name',
      });
    }
    return { id, name: input.name };
  });
}

export async function getTeamByName(ctx: { db: Database }, name: string) {
  return await findTeamByName(ctx.db, name);
}
