import { type Database, newId } from '@reelgate/db';
import { generateKey, hashKey } from './key-format.ts';
import { insertKey } from './queries.ts';

/** Makes an API key for a team. The secret is in the answer and nowhere else, ever. */
export async function createKey(
  ctx: { db: Database; pepper: string },
  input: { teamId: string; name: string },
): Promise<{ id: string; prefix: string; secret: string }> {
  const { secret, prefix } = generateKey();
  const id = newId('apiKey');
  await insertKey(ctx.db, input.teamId, { id, name: input.name, prefix, hash: hashKey(secret, ctx.pepper) });
  return { id, prefix, secret };
}
