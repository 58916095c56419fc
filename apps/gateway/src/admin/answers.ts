/** How rows become what the Admin API says: money as decimal strings, times as ISO 8601, lists as pages. */
import { PAGE } from '@reelgate/contract/admin';
import { badRequest } from '../errors.ts';

export function time(at: Date): string {
  return at.toISOString();
}

export function timeOrNull(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}

export function money(amount: bigint): string {
  return amount.toString();
}

export function moneyOrNull(amount: bigint | null): string | null {
  return amount === null ? null : amount.toString();
}

/** A page whose last item is where the next one begins. */
export function page<T extends { readonly id: string }>(
  data: readonly T[],
  hasMore: boolean,
  total?: number,
) {
  return {
    object: 'list' as const,
    data: [...data],
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
    ...(total !== undefined && { total }),
  };
}

export function pageRequest(query: { after?: string | undefined; limit?: number | undefined }) {
  return { after: query.after ?? null, limit: query.limit ?? PAGE.default };
}

/** The number in an id such as `aud_42`. Throws 400 for what is none. */
export function numberOfId(prefix: string, after: string | null): number | null {
  if (after === null) return null;
  const digits = after.startsWith(prefix) ? after.slice(prefix.length) : '';
  if (!/^\d{1,15}$/.test(digits)) {
    throw badRequest('invalid_value', "Invalid 'after': expected the id of an entry.", 'after');
  }
  return Number(digits);
}
