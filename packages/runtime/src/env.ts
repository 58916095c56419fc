import { z } from 'zod';

/** What one variable means to an operator: a row of the configuration page. */
export interface EnvironmentRow {
  name: string;
  required: boolean;
  /** The value used when the variable is unset, as an operator would write it. */
  default: string | undefined;
  description: string;
  secret: boolean;
}

/** The environment cannot be used; the message lists every bad variable. Exit with `exitCode`, print no stack. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  /** EX_CONFIG of sysexits.h, so that a supervisor can tell "misconfigured" from "crashed". */
  readonly exitCode = 78;
  readonly variables: readonly string[];

  constructor(message: string, variables: readonly string[]) {
    super(message);
    this.variables = variables;
  }
}

/**
 * Reads the variables of `schema` from `source`. A variable set to the empty string counts as unset, because that is
 * what compose files and Helm charts produce for a value left out; white space around a value is dropped. Values never
 * appear in the error: any may be secret.
 */
export function parseEnvironment<S extends z.ZodObject>(
  name: string,
  schema: S,
  source: Readonly<Record<string, string | undefined>> = process.env,
): z.output<S> {
  const given: Record<string, string> = {};
  for (const variable of Object.keys(schema.shape)) {
    const value = source[variable];
    if (value !== undefined && value.trim() !== '') given[variable] = value.trim();
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;

  const problems = new Map<string, string[]>();
  for (const issue of result.error.issues) {
    const variable = String(issue.path[0] ?? '');
    const missing = variable !== '' && given[variable] === undefined && issue.code !== 'custom';
    const known = problems.get(variable) ?? [];
    problems.set(variable, [...known, missing ? 'is not set' : issue.message]);
  }
  const rows = new Map(describeEnvironment(schema).map((row) => [row.name, row.description]));
  const lines = [...problems].map(([variable, messages]) => {
    const what = messages.join('; ');
    return variable === ''
      ? `  ${what}`
      : `  ${variable}: ${what}\n      ${rows.get(variable) ?? ''}`.trimEnd();
  });
  throw new EnvironmentError(
    `${name} cannot start, its environment is not right:\n${lines.join('\n')}`,
    [...problems.keys()].filter((variable) => variable !== ''),
  );
}

/** The rows of the configuration page. A variable without a description is a mistake in the schema, and throws. */
export function describeEnvironment(schema: z.ZodObject): EnvironmentRow[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const layers = unwrap(field as z.ZodType);
    const description = layers.find((layer) => layer.description !== undefined)?.description;
    if (description === undefined) throw new Error(`${name} has no .describe()`);
    const wrapper = layers.find((layer) => layer instanceof z.ZodDefault || layer instanceof z.ZodPrefault);
    return {
      name,
      required: !(field as z.ZodType).safeParse(undefined).success,
      default: wrapper === undefined ? undefined : asWritten(wrapper.def.defaultValue),
      description,
      secret: layers.some((layer) => layer.meta()?.secret === true),
    };
  });
}

/** A schema and what it wraps, outermost first: `.default()`, `.optional()` and pipes hide what they were built from. */
function unwrap(schema: z.ZodType): z.ZodType[] {
  const inner =
    schema instanceof z.ZodPipe
      ? schema.in
      : schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
        ? schema.unwrap()
        : undefined;
  return inner === undefined ? [schema] : [schema, ...unwrap(inner as z.ZodType)];
}

function asWritten(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}

const durationUnitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const byteUnits = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** The kinds of variable. Each is a schema: add `.default(…)` or `.optional()`, and always `.describe(…)`. */
export const variable = {
  text: () => z.string(),

  /** 0 asks the system for any free port. */
  port: () => matching(/^\d{1,5}$/, 'must be a port number, 0 to 65535', Number, (port) => port <= 65_535),

  integer: ({ min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {}) =>
    matching(/^-?\d{1,15}$/, `must be a whole number, ${min} to ${max}`, Number, (n) => n >= min && n <= max),

  /** Stays a string, as given. `protocols` without the colon. */
  url: (...protocols: readonly string[]) =>
    z
      .string()
      .refine(
        (text) =>
          URL.canParse(text) &&
          (protocols.length === 0 || protocols.includes(new URL(text).protocol.slice(0, -1))),
        `must be a URL${protocols.length === 0 ? '' : ` that starts with ${protocols.map((p) => `${p}://`).join(' or ')}`}`,
      ),

  /** "250ms", "30s", "5m", "2h" or "7d"; a bare number is milliseconds. Gives milliseconds. */
  durationMs: () =>
    matching(/^(\d{1,12})(ms|s|m|h|d)?$/, 'must be a duration such as 250ms, 30s, 5m, 2h or 7d', (text) =>
      scale(text, durationUnitsMs, 'ms'),
    ),

  /** "512B", "64KiB", "20MiB", "2GiB"; a bare number is bytes. Gives bytes. */
  bytes: () =>
    matching(
      /^(\d{1,12})(B|KiB|MiB|GiB|TiB)?$/,
      'must be a size such as 512B, 64KiB, 20MiB or 2GiB',
      (text) => scale(text, byteUnits, 'B'),
    ),

  boolean: () =>
    matching(
      /^(true|false|1|0)$/,
      'must be true or false (or 1 or 0)',
      (text) => text === 'true' || text === '1',
    ),

  /** Comma-separated; empty items are dropped. */
  list: () =>
    z.string().transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),

  secret: ({ minLength = 1 }: { minLength?: number } = {}) =>
    z.string().min(minLength, `must have at least ${minLength} characters`).meta({ secret: true }),

  /** Exactly `length` bytes, written in base64. Gives the bytes. */
  secretBytes: (length: number) =>
    z
      .string()
      .meta({ secret: true })
      .transform((text, context) => {
        const bytes = Buffer.from(text, 'base64');
        if (/^[A-Za-z0-9+/]+={0,2}$/.test(text) && bytes.length === length) return bytes;
        context.addIssue({ code: 'custom', message: `must be exactly ${length} bytes in base64` });
        return z.NEVER;
      }),
};

/** A string that must match `pattern`, then `accept` as the converted value; otherwise the issue is `message`. */
function matching<T>(
  pattern: RegExp,
  message: string,
  convert: (text: string) => T,
  accept?: (value: T) => boolean,
) {
  return z.string().transform((text, context): T => {
    if (pattern.test(text)) {
      const value = convert(text);
      if (accept === undefined || accept(value)) return value;
    }
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

function scale<U extends string>(text: string, units: Readonly<Record<U, number>>, bare: U): number {
  const digits = /^\d+/.exec(text)?.[0] ?? '';
  const unit = (text.slice(digits.length) || bare) as U;
  return Number(digits) * units[unit];
}
