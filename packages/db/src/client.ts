import { drizzle } from 'drizzle-orm/node-postgres';
import type { Database } from './database.ts';
import { FairPool } from './fair-pool.ts';
import { giveUpOnSilence } from './give-up-on-silence.ts';
import * as schema from './schema/index.ts';

export interface DatabaseOptions {
  readonly applicationName: string;
  /** Connections at most. */
  readonly max?: number;
  /** Longest a statement may run, in ms. */
  readonly statementTimeoutMs?: number;
  /** Called with errors of idle connections. */
  readonly onError?: (error: Error) => void;
}

/** How long one waits for its turn at the database while others of the same owner have theirs, in ms. */
const TURN_MS = 5_000;
/** How much longer than its longest statement Postgres may be silent before its connection is given up, in ms. */
const SILENCE_MS = 3_000;

/**
 * A pool on `url`. Limits are set per session, so that one slow statement or forgotten transaction cannot hold the rest up; and a
 * connection on which no answer comes for longer than those allow is given up, because whoever kept them may be gone without a word.
 */
export function createDatabase(
  url: string,
  options: DatabaseOptions,
): { db: Database; close(): Promise<void> } {
  const statementTimeoutMs = options.statementTimeoutMs ?? 5_000;
  const config = {
    connectionString: url,
    max: options.max ?? 10,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    application_name: options.applicationName,
    statement_timeout: statementTimeoutMs,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  };
  const pool = new FairPool(config, TURN_MS);
  pool.on('error', (error) => options.onError?.(error));
  // One that is in use tells its query of its end; an error event that nobody hears would end the process.
  pool.on('connect', (client) => void client.on('error', () => {}));
  giveUpOnSilence(pool, statementTimeoutMs + SILENCE_MS);
  const db = drizzle(pool, { schema });
  return { db, close: () => pool.end() };
}
