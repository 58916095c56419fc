import type { z } from 'zod';
import { type ApiError, badRequest } from '../errors.ts';
import { single } from '../list-query.ts';
import { isStorable } from '../plain-fields.ts';
import { unsupportedParameter } from '../request-fields.ts';

/** Throws 400 for what the schema refuses, naming the first parameter at fault. */
export function parseWith<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refusal(parsed.error, value);
}

/** Unlike the public API: a parameter that nobody knows is refused, because a mistyped filter would show everything. */
export function parseQuery<T extends z.ZodObject>(
  schema: T | undefined,
  query: URLSearchParams,
): z.output<T> {
  const known = new Set(Object.keys(schema?.shape ?? {}));
  const given: Record<string, string> = {};
  for (const name of new Set(query.keys())) {
    if (!known.has(name)) throw unsupportedParameter(name.slice(0, 64));
    given[name] = assertStorable(name, single(query, name) ?? '');
  }
  return schema === undefined ? (given as z.output<T>) : parseWith(schema, given);
}

/** The value as it is. Throws 400 for what Postgres cannot hold. */
export function assertStorable(param: string, value: string): string {
  if (isStorable(value)) return value;
  throw badRequest('invalid_value', `Invalid '${param}': it has characters that are not allowed.`, param);
}

function refusal(error: z.ZodError, value: unknown): ApiError {
  const [issue] = error.issues;
  if (!issue) return badRequest('invalid_value', 'The request cannot be read.');
  if (issue.code === 'unrecognized_keys') {
    return unsupportedParameter([...issue.path, issue.keys[0] ?? ''].join('.').slice(0, 64));
  }
  const param = issue.path.join('.');
  if (param === '') return badRequest('invalid_value', issue.message);
  if (issue.code === 'invalid_type' && valueAt(value, issue.path) === undefined) {
    return badRequest('missing_required_parameter', `Missing required parameter: '${param}'.`, param);
  }
  return badRequest('invalid_value', `Invalid '${param}': ${issue.message}.`.replace(/\.\.$/, '.'), param);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
