import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';

export const MIGRATIONS_DIRECTORY = new URL('../migrations', import.meta.url).pathname;
const FUNCTIONS_DIRECTORY = new URL('../functions', import.meta.url).pathname;

/** Any number: the same for every process that migrates. */
const MIGRATION_LOCK = 7_733_401;

/**
 * Brings the schema up to date: tables by migrations, then functions and triggers from their sources. Safe to call from many
 * processes at once: one migrates under an advisory lock, the others wait for it.
 * Runs on a connection of its own without statement time-outs, because an index build may take long.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'reelgate-migrate',
    lock_timeout: 0,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query("set client_min_messages = 'warning'");
    await migrate(drizzle(client), { migrationsFolder: MIGRATIONS_DIRECTORY });
    await replaceFunctions(client);
  } finally {
    await client.end();
  }
}

/**
 * Sets functions and triggers to what `functions/*.sql` say, all or none. Each state of the sources is applied once, ever: a
 * process of the release before that starts again during a deployment must not put its own back.
 */
async function replaceFunctions(client: pg.Client): Promise<void> {
  const names = (await readdir(FUNCTIONS_DIRECTORY)).filter((name) => name.endsWith('.sql')).sort();
  const sources = await Promise.all(names.map((name) => readFile(join(FUNCTIONS_DIRECTORY, name), 'utf8')));
  const hash = createHash('sha256').update(sources.join('\0')).digest('hex');
  await client.query('create table if not exists drizzle.__functions (hash text primary key)');
  await client.query('begin');
  const { rowCount } = await client.query(
    'insert into drizzle.__functions (hash) values ($1) on conflict do nothing',
    [hash],
  );
  if (rowCount === 1) for (const source of sources) await client.query(source);
  await client.query('commit');
}
