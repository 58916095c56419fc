import { maskSecrets } from './mask-secrets.ts';

export interface ErrorDescription {
  name: string;
  code?: string;
  message?: string;
  /** Of a Postgres error: which rule was broken, without the row that broke it. */
  constraint?: string;
  table?: string;
  /** The frames only; the first line of a stack repeats the message. */
  stack?: string[];
  cause?: ErrorDescription;
}

/**
 * Classes whose messages are constants or made from our own code's words. Others may quote data: a query error lists
 * its parameters, a database error the offending value, a JSON error a piece of the input. Those keep name, code and
 * stack, which lead to the line that threw.
 */
const quotable: ReadonlySet<unknown> = new Set([
  Error,
  TypeError,
  RangeError,
  ReferenceError,
  AggregateError,
]);
const maxDepth = 4;
const maxFrames = 12;

/** Reduces any thrown value to what may be logged. Prompts and secrets quoted by an error do not get through. */
export function describeError(thrown: unknown, depth = 0): ErrorDescription {
  if (!(thrown instanceof Error)) return { name: `thrown ${typeof thrown}` };
  const fields = thrown as Error & Record<string, unknown>;
  const description: ErrorDescription = { name: thrown.name };
  const code = text(fields.code);
  if (code !== undefined) description.code = code;
  // Errors of the system (`syscall`) speak of addresses and files only.
  if (quotable.has(thrown.constructor) || typeof fields.syscall === 'string') {
    description.message = maskSecrets(thrown.message.slice(0, 500));
  }
  const constraint = text(fields.constraint);
  if (constraint !== undefined) description.constraint = constraint;
  const table = text(fields.table);
  if (table !== undefined) description.table = table;
  const frames = (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  if (frames.length > 0) description.stack = frames.slice(0, maxFrames).map((line) => line.trim());
  if (thrown.cause !== undefined && depth < maxDepth)
    description.cause = describeError(thrown.cause, depth + 1);
  return description;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 200 ? value : undefined;
}
