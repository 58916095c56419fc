import { type Queryable, schema } from '@reelgate/db';
import { and, eq, inArray } from 'drizzle-orm';

const { characters } = schema;

export type CharacterRow = typeof characters.$inferSelect;

export async function insertCharacter(
  db: Queryable,
  teamId: string,
  row: { id: string; name: string; upstreamAccountId: string; upstreamCharacterId: string },
): Promise<CharacterRow> {
  const [inserted] = await db
    .insert(characters)
    .values({ ...row, teamId })
    .returning();
  if (!inserted) throw new Error('the character was not written');
  return inserted;
}

export async function findCharacters(
  db: Queryable,
  teamId: string,
  ids: readonly string[],
): Promise<CharacterRow[]> {
  if (ids.length === 0) return [];
  return await db
    .select()
    .from(characters)
    .where(and(eq(characters.teamId, teamId), inArray(characters.id, [...ids])));
}
