import { ReelgateError } from '@reelgate/core';

const unreachable = ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN'];

/** One line for the person at the keyboard. A failed query is told by its cause: its own message quotes parameters. */
export function explainError(error: unknown): string {
  if (error instanceof ReelgateError) return firstLine(error.message);
  const { cause = error } = error as Error;
  // Several addresses were tried: what holds for one holds for all.
  const { code, message } = (
    cause instanceof AggregateError ? cause.errors[0] : cause
  ) as NodeJS.ErrnoException;
  if (code !== undefined && unreachable.includes(code)) {
    return `Postgres or the object store cannot be reached (${message}). Is it running? \`npm start\` runs a stack.`;
  }
  if (code === '42P01') return 'The database has no tables yet. Make them with: npm run reelgate -- migrate';
  return firstLine(message);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
