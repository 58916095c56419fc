import type { Scrub } from '../scrub.ts';

/** Of all of them together, as JSON; services put whole logs here. */
const MAX_LENGTH = 4_096;
const MAX_DEPTH = 4;
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Of the headers of the upstream's error: what helps a caller. The others tell of the account that all teams share. */
const HEADER = /^(retry-after(-ms)?|x-should-retry|x-openai-[a-z-]+)$/i;

/**
 * What the error of a failed job says besides its code and message: `type`, `param`, `headers`, `misalignment` and whatever
 * comes next. Texts that are not fit for a caller's eyes are left out, and so is all of it where it is larger than an
 * explanation. Undefined where nothing is left.
 */
export function readErrorDetails(
  error: unknown,
  scrub: Scrub,
  hidden: readonly (string | undefined)[],
): Record<string, unknown> | undefined {
  if (!isRecord(error)) return undefined;
  const { code: _code, message: _message, headers, ...rest } = error;
  const kept = clean(rest, scrub, hidden, 0) as Record<string, unknown>;
  const helpful = isRecord(headers)
    ? Object.entries(headers).filter(([name, value]) => HEADER.test(name) && typeof value === 'string')
    : [];
  if (helpful.length > 0) kept.headers = clean(Object.fromEntries(helpful), scrub, hidden, 1);
  if (Object.keys(kept).length === 0 || JSON.stringify(kept).length > MAX_LENGTH) return undefined;
  return kept;
}

/** Undefined for what is not to be shown. */
function clean(
  value: unknown,
  scrub: Scrub,
  hidden: readonly (string | undefined)[],
  depth: number,
): unknown {
  if (typeof value === 'string') return scrub(value, '', hidden) || undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return undefined;
  const inner = (item: unknown) => clean(item, scrub, hidden, depth + 1);
  if (Array.isArray(value)) return value.map(inner).filter((item) => item !== undefined);
  const entries = Object.entries(value)
    .filter(([name]) => NAME.test(name) && !FORBIDDEN_NAMES.has(name))
    .map(([name, item]) => [name, inner(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
