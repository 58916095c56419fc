import { setTimeout as delay } from 'node:timers/promises';
import { createPostgresBackend, runMigrations } from 'bullmq';
import pg from 'pg';
import type { BackendRole, QueueBackend } from './backend.ts';
import type { ErrorLog } from './error-log.ts';

/** BullMQ's tables live in a schema of their own; its statements name no schema. */
const SEARCH_PATH = '-c search_path=bullmq';

/** Sessions for statements, beside the one that each worker listens on. */
const QUERY_SESSIONS = 4;

/** Milliseconds that a consumer lets pass after a failed statement: BullMQ asks again at once, some 5,000 times a second. */
const PAUSE_AFTER_FAILURE_MS = 500;

/**
 * All queues or workers of a process share one pool. A producer holds at most 4 sessions. A consumer holds one session
 * for each worker, which LISTENs, and at most 4 more. LISTEN and `search_path` need a session of their own: give the
 * address of Postgres itself or of a pooler in session mode.
 */
export function createPostgresQueueBackend(
  databaseUrl: string,
  role: BackendRole,
  onError: ErrorLog,
): QueueBackend {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    options: SEARCH_PATH,
    application_name: 'reelgate-queue',
    keepAlive: true,
    ...(role.kind === 'producer'
      ? { max: QUERY_SESSIONS, connectionTimeoutMillis: 1_000, query_timeout: 1_000 }
      : { max: QUERY_SESSIONS + role.workers, connectionTimeoutMillis: 5_000, query_timeout: 10_000 }),
  });
  pool.on('error', onError);
  // One that breaks while it is in use tells its query; an error event that nobody hears would end the process.
  pool.on('connect', (client) => void client.on('error', () => {}));

  let migrated: Promise<void> | undefined;
  const ready = (): Promise<void> => {
    migrated ??= migrate(databaseUrl).catch((error: unknown) => {
      migrated = undefined;
      throw error;
    });
    return migrated;
  };

  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ended ??= pool.end();
    return ended;
  };

  return {
    connection: role.kind === 'producer' ? pool : patient(pool),
    factory: createPostgresBackend as QueueBackend['factory'],
    ready,
    async ping() {
      await pool.query('SELECT 1');
    },
    close: end,
    destroy() {
      end().catch(onError);
    },
  };
}

/** Brings BullMQ's schema up to date; its own lock lets one process at a time do so. */
async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 1_000,
    query_timeout: 30_000,
  });
  // A session that breaks between two statements says so here, and the next statement fails.
  client.on('error', () => {});
  await client.connect();
  try {
    await runMigrations(client);
  } finally {
    await client.end();
  }
}

/** The pool as BullMQ's workers see it: a statement that fails because Postgres is away fails after a pause. */
function patient(pool: pg.Pool): Pick<
  pg.Pool,
  'connect' | 'end' | 'on' | 'removeAllListeners' | 'options'
> & {
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>;
} {
  return {
    options: pool.options,
    connect: pool.connect.bind(pool),
    end: pool.end.bind(pool),
    on: pool.on.bind(pool),
    removeAllListeners: pool.removeAllListeners.bind(pool),
    async query(text, values) {
      try {
        return await pool.query(text, values);
      } catch (error) {
        if (isAway(error)) await delay(PAUSE_AFTER_FAILURE_MS);
        throw error;
      }
    },
  };
}

/** Classes 08, 53 and 57 of SQLSTATE: connection, resources, operator. Every other answer came from a healthy server. */
function isAway(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(08|53|57)/.test(error.code ?? '');
}
