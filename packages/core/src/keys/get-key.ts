import type { Database } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { type KeyScope, type KeyView, listKeyViews } from './queries.ts';

/** Throws `key_not_found` where there is none, or it is another's. */
export async function getKey(ctx: { db: Database; scope: KeyScope }, id: string): Promise<KeyView> {
  const [key] = await listKeyViews(ctx.db, ctx.scope, { ids: [id] }, { afterId: null, limit: 1 });
  if (!key) throw keyNotFound(id);
  return key;
}

export function keyNotFound(id: string): ReelgateError {
  return new ReelgateError('key_not_found', `API key with id '${id.slice(0, 80)}' not found.`, {
    param: 'key_id',
  });
}
