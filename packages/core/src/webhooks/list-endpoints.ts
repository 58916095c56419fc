import { ReelgateError } from '../errors.ts';
import { type EndpointOwner, type EndpointRow, findEndpoint, listEndpoints } from './queries/index.ts';
import type { WebhookContext } from './webhook-context.ts';

/** One page, newest first. Throws `invalid_value` where `after` is not an endpoint of the owner's. */
export async function listWebhookEndpoints(
  ctx: Pick<WebhookContext, 'db'>,
  owner: EndpointOwner,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ readonly data: readonly EndpointRow[]; readonly hasMore: boolean }> {
  if (page.after !== undefined && !(await findEndpoint(ctx.db, owner, page.after))) {
    throw new ReelgateError('invalid_value', "Invalid 'after': there is no such webhook endpoint.", {
      param: 'after',
    });
  }
  const rows = await listEndpoints(ctx.db, owner, { after: page.after, limit: page.limit + 1 });
  return { data: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}
