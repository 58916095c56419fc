/**
 * During a deployment the release before runs on the tables and functions of this one. A clean clone has no other release to
 * run, so this holds what is written down: what is taken away names the release that stopped using it, and that one is past.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MIGRATIONS_DIRECTORY } from '@reelgate/db';
import { createTestDatabase, type TestDatabase } from '@reelgate/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };

/** What statements and queries of the release before would fail at. */
const TAKES_AWAY: readonly RegExp[] = [
  /\bdrop\s+(table|column|function|procedure|view|materialized view|type|sequence|schema|trigger)\b/,
  /\brename\b/,
  /\bset data type\b|\balter column \S+ type\b/,
  /\bset not null\b/,
  /\bdrop default\b/,
  /\badd column\b(?!.*\bdefault\b|.*\bgenerated\b).*\bnot null\b/,
  /^\s*(truncate|delete)\b/,
];

/** The statements that take something away and do not name a past release as the last that used it. */
function refused(migration: string): string[] {
  return migration
    .split(/;\s*(?:--> statement-breakpoint)?/)
    .map((statement) => statement.trim())
    .filter((statement) => {
      const words = statement.replaceAll(/--.*/g, '').replaceAll(/\s+/g, ' ').toLowerCase();
      return TAKES_AWAY.some((pattern) => pattern.test(words)) && !isUnused(statement);
    });
}

/** Whether a comment such as `-- Unused since 0.3.0: …` names a release before this one. */
function isUnused(text: string): boolean {
  const [, since] = /-- Unused since (\d+\.\d+\.\d+):? /.exec(`${text} `) ?? [];
  return since !== undefined && since.localeCompare(version, 'en', { numeric: true }) < 0;
}

describe('a migration', () => {
  test.each([
    'ALTER TABLE "videos" DROP COLUMN "size";',
    'DROP TABLE "videos";',
    'ALTER TABLE "videos" RENAME COLUMN "size" TO "dimensions";',
    'ALTER TABLE "videos" ALTER COLUMN "size" SET DATA TYPE integer;',
    'ALTER TABLE "videos" ALTER COLUMN "size" SET NOT NULL;',
    'ALTER TABLE "videos" ADD COLUMN "shape" text NOT NULL;',
    'CREATE TABLE "a" ("id" text);--> statement-breakpoint\nDROP FUNCTION accept_video(jsonb);',
    `-- Unused since ${version}: too early.\nALTER TABLE "videos" DROP COLUMN "size";`,
  ])('is refused that takes away what the release before may use: %s', (migration) => {
    expect(refused(migration)).toHaveLength(1);
  });

  test.each([
    'ALTER TABLE "videos" ADD COLUMN "shape" text;',
    `ALTER TABLE "videos" ADD COLUMN "shape" text DEFAULT 'wide' NOT NULL;`,
    'ALTER TABLE "videos" ALTER COLUMN "size" DROP NOT NULL;',
    '-- Unused since 0.0.9: nobody asked for it.\nALTER TABLE "videos" DROP COLUMN "size";',
  ])('passes that adds, or takes away what is no longer used: %s', (migration) => {
    expect(refused(migration)).toEqual([]);
  });

  test('of this repository only adds, or says since when nothing uses what it takes away', async () => {
    const files = (await readdir(MIGRATIONS_DIRECTORY)).filter((name) => name.endsWith('.sql'));
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      expect(refused(await readFile(join(MIGRATIONS_DIRECTORY, file), 'utf8')), file).toEqual([]);
    }
  });
});

describe('the functions of the database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  test('keep the names, arguments and answers that the release before calls', async () => {
    const listed = (await readFile(join(root, 'packages/db/functions/signatures.txt'), 'utf8'))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#') && !isUnused(line));
    const { rows } = await database.db.$client.query<{ signature: string }>(
      `select format('%s(%s) returns %s', proname, pg_get_function_arguments(oid), pg_get_function_result(oid)) as signature
         from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
    );
    const why =
      'a changed function gets a new name; list a new one, and say of an old one since when it is unused';
    expect(rows.map(({ signature }) => signature).sort(), why).toEqual(listed.sort());
  });
});
