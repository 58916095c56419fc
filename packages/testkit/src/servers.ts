/**
 * One Postgres for a whole run of tests, with a migrated template database. Vitest's global set-up starts it; every test file
 * clones the template, which takes some tens of milliseconds.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateDatabase } from '@reelgate/db';
import { startPostgres } from '@reelgate/embedded';
import pg from 'pg';

export const TEMPLATE_DATABASE = 'reelgate_template';

/** With its data in `home`, which `stop` deletes; where there is none given, in the system's directory for temporary files. */
export async function startTestPostgres(home?: string): Promise<{ url: string; stop(): Promise<void> }> {
  const directory = home ?? (await mkdtemp(join(tmpdir(), 'reelgate-test-')));
  const postgres = await startPostgres({ directory, mode: 'test' });
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(`create database ${TEMPLATE_DATABASE}`);
  await admin.end();
  await migrateDatabase(databaseUrl(postgres.url, TEMPLATE_DATABASE));
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The URL of another database of the same server. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
