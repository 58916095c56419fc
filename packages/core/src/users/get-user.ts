import type { Database } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { listUserViews, type UserView } from './queries.ts';

/** Throws `not_found`. */
export async function getUser(ctx: { db: Database }, id: string): Promise<UserView> {
  const [user] = await listUserViews(ctx.db, { ids: [id] }, { afterEmail: null, limit: 1 });
  if (!user) throw userNotFound(id);
  return user;
}

export function userNotFound(id: string): ReelgateError {
  return new ReelgateError('not_found', `User with id '${id.slice(0, 80)}' not found.`, { param: 'user_id' });
}
