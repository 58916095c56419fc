import { randomBytes } from 'node:crypto';
import { createDatabase, type Database } from '@reelgate/db';
import pg from 'pg';
import { inject } from 'vitest';
import { databaseUrl, TEMPLATE_DATABASE } from './servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the Postgres that the global set-up has started. */
    postgresServerUrl: string;
  }
}

export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
  close(): Promise<void>;
}

/** A migrated, empty database of its own for one test file. */
export async function createTestDatabase(options: { max?: number } = {}): Promise<TestDatabase> {
  return await createServerDatabase(inject('postgresServerUrl'), options);
}

/** The same on a server that `startTestPostgres` has started. */
export async function createServerDatabase(
  serverUrl: string,
  options: { max?: number } = {},
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, `create database ${name} template ${TEMPLATE_DATABASE} strategy file_copy`);
  const url = databaseUrl(serverUrl, name);
  const { db, close } = createDatabase(url, {
    applicationName: 'test',
    max: options.max ?? 10,
    statementTimeoutMs: 30_000,
  });
  return {
    url,
    db,
    async close() {
      await close();
      await onServer(serverUrl, `drop database ${name} with (force)`);
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
