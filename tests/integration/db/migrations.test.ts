import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MIGRATIONS_DIRECTORY, migrateDatabase } from '@reelgate/db';
import { type PostgresServer, startPostgres } from '@reelgate/embedded';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const kit = join(root, 'node_modules/.bin/drizzle-kit');
const schema = join(root, 'packages/db/src/schema/index.ts');
const run = promisify(execFile);

let temporary: string;
let postgres: PostgresServer;
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'reelgate-migrations-'));
  postgres = await startPostgres({ directory: join(temporary, 'postgres'), mode: 'test' });
});
afterAll(async () => {
  await postgres.stop();
  await rm(temporary, { recursive: true, force: true });
});

describe('the committed migrations', () => {
  test('apply from four processes at once, and a second time without changing anything', async () => {
    const url = await createDatabase('twice');
    await Promise.all(Array.from({ length: 4 }, () => migrateDatabase(url)));
    const first = await describeDatabase(url);
    await migrateDatabase(url);
    expect(await describeDatabase(url)).toEqual(first);
    expect(first.length).toBeGreaterThan(300);
  });

  test('leave nothing to generate: every change of the schema files has its migration', async () => {
    const copy = join(temporary, 'migrations');
    await cp(MIGRATIONS_DIRECTORY, copy, { recursive: true });
    const before = await readdir(copy);
    await run(kit, ['generate', '--dialect', 'postgresql', '--schema', schema, '--out', copy], {
      cwd: join(root, 'packages/db'),
    });
    expect(await readdir(copy), 'run `npm run db:generate` and commit the result').toEqual(before);
  });

  test('make what the schema files say: every column, constraint and index', async () => {
    const migrated = await createDatabase('migrated');
    await migrateDatabase(migrated);
    const pushed = await createDatabase('pushed');
    await run(kit, ['push', '--force', '--dialect', 'postgresql', '--schema', schema, '--url', pushed], {
      cwd: join(root, 'packages/db'),
    });
    expect(await describeDatabase(migrated)).toEqual(await describeDatabase(pushed));
  });
});

async function createDatabase(name: string): Promise<string> {
  await query(postgres.url, `create database ${name}`);
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** Columns, constraints and indexes of the public schema, in a fixed order. Functions have no other source than the migrations. */
async function describeDatabase(url: string): Promise<unknown[]> {
  return await query(
    url,
    `select format('column %s.%s %s %s default %s identity %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                   case when a.attnotnull then 'not null' else 'null' end, pg_get_expr(d.adbin, d.adrelid), a.attidentity) as line
       from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
     union all
     select format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
       from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
     union all
     select format('index %s', indexdef) from pg_indexes where schemaname = 'public'
     order by 1`,
  );
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
