import { createTeam, recordAudit, SYSTEM_ACTOR, verifyAudit } from '@reelgate/core';
import { transaction } from '@reelgate/db';
import { createTestDatabase, type TestDatabase } from '@reelgate/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

/** As somebody who owns the tables can, and the application cannot by accident. */
async function tamper(statement: string): Promise<void> {
  const { $client: pool } = database.db;
  await pool.query('alter table audit_log disable trigger user');
  await pool.query(statement);
  await pool.query('alter table audit_log enable trigger user');
}

test('writers at once make one chain', async () => {
  await Promise.all(Array.from({ length: 30 }, (_, i) => createTeam(database, { name: `team ${i}` })));
  const verdict = await verifyAudit(database);
  expect(verdict).toMatchObject({ entries: 30, broken: [] });
  const { rows } = await database.db.$client.query(
    'select count(distinct prev_hash) + 1 as links, max(hash) filter (where id = (select max(id) from audit_log)) as head from audit_log',
  );
  expect(rows[0]).toEqual({ links: '30', head: verdict.head });
});

test('a change that is rolled back leaves no row', async () => {
  await createTeam(database, { name: 'one' });
  await expect(createTeam(database, { name: 'one' })).rejects.toThrow('already a team');
  expect(await verifyAudit(database)).toMatchObject({ entries: 1, broken: [] });
});

test.each([
  [
    'a changed row',
    `update audit_log set after = '{"name": "other"}' where id = 2`,
    [{ id: 2, why: 'changed' }],
  ],
  [
    'a moved time',
    `update audit_log set at = at - interval '1 ms' where id = 3`,
    [{ id: 3, why: 'changed' }],
  ],
  ['a row that is gone', 'delete from audit_log where id = 2', [{ id: 3, why: 'does_not_follow' }]],
  [
    'a row that was worked out again',
    `update audit_log a set after = '{}', hash = audit_hash(jsonb_populate_record(a, '{"after": {}}')) where id = 2`,
    [{ id: 3, why: 'does_not_follow' }],
  ],
])('notices %s', async (_, statement, broken) => {
  for (const name of ['one', 'two', 'three', 'four']) await createTeam(database, { name });
  await tamper(statement);
  expect((await verifyAudit(database)).broken).toEqual(broken);
});

test('tells by its head that the end was cut off', async () => {
  for (const name of ['one', 'two']) await createTeam(database, { name });
  const { head } = await verifyAudit(database);
  await tamper('delete from audit_log where id = 2');
  const cut = await verifyAudit(database);
  expect(cut.broken).toEqual([]);
  expect(cut.head).not.toBe(head);
});

test.each(['update audit_log set action = action', 'delete from audit_log', 'truncate audit_log'])(
  'the database refuses: %s',
  async (statement) => {
    await createTeam(database, { name: 'one' });
    await expect(database.db.$client.query(statement)).rejects.toThrow('append-only');
  },
);

test('an amount stays exact', async () => {
  const after = { hard: 9_007_199_254_740_993n };
  await transaction(database.db, (tx) =>
    recordAudit(tx, SYSTEM_ACTOR, { action: 'quota.update', target: 'quota_1', after }),
  );
  const { rows } = await database.db.$client.query('select after from audit_log');
  expect(rows).toEqual([{ after: { hard: '9007199254740993' } }]);
});
