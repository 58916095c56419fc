import type { AdminContext } from '../context.ts';
import { type Found, findAnything } from './queries/search.ts';

/** Finds things by their id or name, the first few of each kind. */
export async function searchEverything(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  search: string,
): Promise<readonly Found[]> {
  return await findAnything(ctx.db, ctx.scope, search);
}
