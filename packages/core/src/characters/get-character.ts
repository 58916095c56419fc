import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { CharacterView } from './create-character.ts';
import { type CharacterRow, findCharacters } from './queries.ts';

/** Throws `character_not_found`, the same for one that never was and one of another team. */
export async function getCharacter(ctx: CallerContext, id: string): Promise<CharacterView> {
  const [row] = await findCharacters(ctx.db, ctx.principal.teamId, [id]);
  if (!row) throw characterNotFound(id, 'character_id');
  return row;
}

/** The team's characters by these ids, all at one upstream account; throws where one is not the team's or lives elsewhere. */
export async function resolveCharacters(
  ctx: Pick<CallerContext, 'db' | 'principal'>,
  ids: readonly string[],
  upstreamAccountId: string,
): Promise<CharacterRow[]> {
  const rows = await findCharacters(ctx.db, ctx.principal.teamId, ids);
  return ids.map((id) => {
    const row = rows.find((candidate) => candidate.id === id);
    if (!row) throw characterNotFound(id, 'characters');
    if (row.upstreamAccountId !== upstreamAccountId) {
      throw new ReelgateError(
        'invalid_value',
        `The character '${id}' was made for another model and cannot be used with this one.`,
        { param: 'characters' },
      );
    }
    return row;
  });
}

function characterNotFound(id: string, param: string): ReelgateError {
  return new ReelgateError('character_not_found', `Character with id '${id}' not found.`, { param });
}
