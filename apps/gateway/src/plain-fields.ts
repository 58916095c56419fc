import { badRequest } from './errors.ts';
import { SpooledFile } from './spool.ts';

const MAX_DEPTH = 6;
const MAX_VALUES = 1_000;
const NAME = /^[A-Za-z_][\w.-]{0,63}$/;
/** Harmless as they are kept here, and not surely so in the hands of whoever reads them next. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Throws 400 unless every value can be stored, sent on in a form and read again as the same: names of plain letters, little
 * nesting, finite numbers, and text without NUL or half characters, which Postgres cannot hold.
 */
export function assertPlainFields(fields: Record<string, unknown>): void {
  let values = 0;
  // A list of what is left to look at, because nesting from outside must not use the stack.
  const left: { value: unknown; param: string; depth: number }[] = [];
  const enter = (entries: Iterable<[string, unknown]>, param: string | undefined, depth: number) => {
    for (const [name, value] of entries) {
      if (!NAME.test(name) || FORBIDDEN.has(name)) {
        throw badRequest('invalid_parameter_name', 'The name of a parameter is not valid.', param);
      }
      left.push({ value, param: param ?? name, depth });
    }
  };
  enter(Object.entries(fields), undefined, 1);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value, param, depth } = next;
    if (value instanceof SpooledFile) continue;
    if (++values > MAX_VALUES) throw badRequest('invalid_value', 'The request has too many parameters.');
    if (depth > MAX_DEPTH)
      throw badRequest('invalid_value', `The value of '${param}' is nested too deeply.`, param);
    if (typeof value === 'string' && !isStorable(value)) {
      throw badRequest(
        'invalid_value',
        `The value of '${param}' has characters that are not allowed.`,
        param,
      );
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw badRequest('invalid_value', `The value of '${param}' is not a finite number.`, param);
    }
    if (Array.isArray(value)) {
      for (const item of value) left.push({ value: item, param, depth: depth + 1 });
    } else if (typeof value === 'object' && value !== null) {
      enter(Object.entries(value), param, depth + 1);
    }
  }
}

/** Postgres holds neither NUL nor half characters. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
