/**
 * What an error says of a database or store that is away: that the statement surely had no effect, or that it may have
 * had one because only its answer was lost. Null for any other error.
 */
export type DatabaseFault = 'surely_nothing_done' | 'perhaps_done';

/** No connection was made, or Postgres says that it rolled back. */
const NOTHING_DONE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // a Unix socket that is not there
  '57P03', // starting up
  '53100', // its disk is full
  '53200', // out of memory
  '53300', // too many connections
  '57014', // statement time-out
  '55P03', // lock time-out
  '40001', // serialization failure
  '40P01', // deadlock
  '25006', // a standby: fail-over under way
]);

const PERHAPS_DONE: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01', // terminated by an administrator
  '57P02', // crash of another session
  '08000',
  '08003',
  '08006',
]);

/** The driver's own errors carry no code. */
const NOTHING_DONE_TEXT =
  /^(timeout exceeded when trying to connect|Connection terminated due to connection timeout|Client has encountered a connection error and is not queryable)/;
const PERHAPS_DONE_TEXT = /^(Connection terminated|Query read timeout)/;

const MAX_DEPTH = 5;

export function databaseFault(error: unknown): DatabaseFault | null {
  for (
    let cause = error, depth = 0;
    cause instanceof Error && depth < MAX_DEPTH;
    cause = cause.cause, depth++
  ) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (NOTHING_DONE.has(code) || NOTHING_DONE_TEXT.test(cause.message)) return 'surely_nothing_done';
    if (PERHAPS_DONE.has(code) || PERHAPS_DONE_TEXT.test(cause.message)) return 'perhaps_done';
  }
  return null;
}
