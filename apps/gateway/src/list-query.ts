import { LIMITS, LIST_ORDERS, type ListOrder, VIDEO_ID_PATTERN } from '@reelgate/contract';
import { badRequest } from './errors.ts';

export interface ListQuery {
  readonly after: string | undefined;
  readonly limit: number;
  readonly order: ListOrder;
}

/** Throws 400. Parameters that nobody knows are ignored, as the original does. */
export function parseListQuery(query: URLSearchParams): ListQuery {
  const after = single(query, 'after');
  if (after !== undefined && !VIDEO_ID_PATTERN.test(after)) {
    throw badRequest('invalid_value', "Invalid 'after': expected the id of a video.", 'after');
  }
  const limit = single(query, 'limit') ?? String(LIMITS.listDefault);
  if (!/^\d{1,3}$/.test(limit) || Number(limit) > LIMITS.listMax) {
    const message = `Invalid 'limit': expected an integer from 0 to ${LIMITS.listMax}.`;
    throw badRequest('invalid_value', message, 'limit');
  }
  const asked = single(query, 'order') ?? 'desc';
  const order = LIST_ORDERS.find((known) => known === asked);
  if (order === undefined) {
    throw badRequest('invalid_value', "Invalid 'order': supported values are 'asc' and 'desc'.", 'order');
  }
  return { after, limit: Number(limit), order };
}

/** The one value of a parameter; throws where it is given twice, because two readers could take different ones. */
export function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length <= 1) return values[0];
  throw badRequest('duplicate_parameter', `The parameter '${name}' was given more than once.`, name);
}
