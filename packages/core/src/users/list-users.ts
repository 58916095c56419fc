import type { Database } from '@reelgate/db';
import { getUser } from './get-user.ts';
import { listUserViews, type UserFilter, type UserView } from './queries.ts';

/** By address. `after`: the id that the page before ended with. */
export async function listUsers(
  ctx: { db: Database },
  filter: UserFilter,
  page: { readonly after: string | null; readonly limit: number },
): Promise<{ users: readonly UserView[]; hasMore: boolean }> {
  const afterEmail = page.after === null ? null : (await getUser(ctx, page.after)).email;
  const users = await listUserViews(ctx.db, filter, { afterEmail, limit: page.limit + 1 });
  return { users: users.slice(0, page.limit), hasMore: users.length > page.limit };
}
