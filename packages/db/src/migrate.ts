import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';

export const MIGRATIONS_DIRECTORY = new URL('../migrations', import.meta.url).pathname;

/** Any number: the same for every process that migrates. */
const MIGRATION_LOCK = 7_733_401;

/**
 * Brings the schema up to date. Safe to call from many processes at once: one migrates under an advisory lock, the others wait for it.
 * Runs on a connection of its own without statement time-outs, because an index build may take long.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'reelgate-migrate',
    lock_timeout: 0,
  });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query("set client_min_messages = 'warning'");
    await migrate(drizzle(client), { migrationsFolder: MIGRATIONS_DIRECTORY });
  } finally {
    await client.end();
  }
}
