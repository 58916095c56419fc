import {
  LIMITS,
  LIST_ORDERS,
  METADATA_LIMITS,
  OPERATIONS,
  VIDEO_ID_PATTERN,
  VIDEO_STATUSES,
} from '@reelgate/contract';
import type { VideoPageRequest } from '@reelgate/core';
import { badRequest } from './errors.ts';
import { parseMetadata } from './parse-fields.ts';

const LABEL = /^metadata\[([^[\]]*)\]$/;
/** Year 9999. */
const LATEST_SECONDS = 253_402_300_799;

/** Throws 400. Parameters that nobody knows are ignored, as the original does. */
export function parseListQuery(query: URLSearchParams): VideoPageRequest {
  const after = single(query, 'after');
  if (after !== undefined && !VIDEO_ID_PATTERN.test(after)) {
    throw badRequest('invalid_value', "Invalid 'after': expected the id of a video.", 'after');
  }
  return {
    after,
    limit: parseLimit(query, { fallback: LIMITS.listDefault, max: LIMITS.listMax }),
    order: oneOf(query, 'order', LIST_ORDERS) ?? 'desc',
    status: oneOf(query, 'status', VIDEO_STATUSES),
    operation: oneOf(query, 'operation', OPERATIONS),
    model: parseModel(single(query, 'model')),
    createdFrom: parseTime(query, 'created_after'),
    createdBefore: parseTime(query, 'created_before'),
    metadata: parseLabels(query),
  };
}

/** The one value of a parameter; throws where it is given twice, because two readers could take different ones. */
export function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length <= 1) return values[0];
  throw badRequest('duplicate_parameter', `The parameter '${name}' was given more than once.`, name);
}

export function parseLimit(
  query: URLSearchParams,
  { fallback, max }: { readonly fallback: number; readonly max: number },
): number {
  const limit = single(query, 'limit');
  if (limit === undefined) return fallback;
  if (/^\d{1,5}$/.test(limit) && Number(limit) <= max) return Number(limit);
  throw badRequest('invalid_value', `Invalid 'limit': expected an integer from 0 to ${max}.`, 'limit');
}

export function oneOf<T extends string>(
  query: URLSearchParams,
  name: string,
  values: readonly T[],
): T | undefined {
  const asked = single(query, name);
  const value = values.find((known) => known === asked);
  if (asked === undefined || value !== undefined) return value;
  const list = values.map((known) => `'${known}'`).join(', ');
  throw badRequest('invalid_value', `Invalid '${name}': supported values are ${list}.`, name);
}

function parseModel(model: string | undefined): string | undefined {
  if (model === undefined || (model.length <= LIMITS.modelNameMaxLength && !model.includes('\0')))
    return model;
  throw badRequest('invalid_value', "Invalid 'model': expected the name of a model.", 'model');
}

function parseTime(query: URLSearchParams, name: string): Date | undefined {
  const text = single(query, name);
  if (text === undefined) return undefined;
  if (/^\d{1,12}$/.test(text) && Number(text) <= LATEST_SECONDS) return new Date(Number(text) * 1_000);
  throw badRequest('invalid_value', `Invalid '${name}': expected Unix seconds.`, name);
}

function parseLabels(query: URLSearchParams): Record<string, string> | undefined {
  const names = [...new Set(query.keys())].filter((name) => LABEL.test(name));
  if (names.length === 0) return undefined;
  if (names.length > METADATA_LIMITS.keysMax) {
    throw badRequest(
      'invalid_value',
      `Invalid 'metadata': at most ${METADATA_LIMITS.keysMax} labels.`,
      'metadata',
    );
  }
  return parseMetadata(
    Object.fromEntries(names.map((name) => [LABEL.exec(name)?.[1] ?? '', single(query, name) ?? ''])),
  );
}
