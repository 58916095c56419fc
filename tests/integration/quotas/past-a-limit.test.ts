/** Ways past a hard limit that somebody might look for: each is tried, and none leads anywhere. */
import {
  checkLedger,
  endGrant,
  finishReservations,
  grantMore,
  type Principal,
  removeQuota,
  setQuota,
  updateOrganization,
} from '@reelgate/core';
import { transaction } from '@reelgate/db';
import { createTestDatabase, seedModels, seedTeam, type TestDatabase } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { accept, videoRow } from './reserve.ts';

const AMOUNTS = { cost: 40, seconds: 4 };
let database: TestDatabase;
let principal: Principal;
const admin = () => ({ db: database.db, scope: 'all' as const });

beforeAll(async () => {
  database = await createTestDatabase({ max: 32 });
  await seedModels(database.db);
});
beforeEach(async () => {
  principal = await seedTeam(database.db);
});
afterAll(() => database.close());

const query = async (text: string, ...values: unknown[]) =>
  (await database.db.$client.query(text, values)).rows;
const ofTeam = () =>
  ({ scopeKind: 'team', scopeId: principal.teamId, metric: 'cost', window: 'month' }) as const;
const create = (more: Partial<ReturnType<typeof videoRow>> = {}) =>
  accept(database.db.$client, { ...videoRow(principal, AMOUNTS), ...more });
/** How many of so many at once are accepted, while something else happens. */
async function accepted(count: number, meanwhile: () => Promise<unknown>): Promise<number> {
  const [answers] = await Promise.all([
    Promise.all(Array.from({ length: count }, () => create())),
    meanwhile(),
  ]);
  return answers.filter((refusal) => refusal === null).length;
}
/** As if it were accepted at that moment. Null, or the code of the error. */
async function createAt(at: string): Promise<string | null> {
  const row = videoRow(principal, AMOUNTS);
  const client = await database.db.$client.connect();
  try {
    await client.query('begin');
    await client.query(
      `insert into videos (id, team_id, key_id, operation, model, upstream_account_id, upstream_model, prompt, full_fp, visible_fp,
         seconds, billed_seconds, size, state, price_id, unit_price_micro, est_micro, created_at)
       values ($1, $2, $3, 'create', 'sora-2', $4, 'sora-2', 'p', 'f', 'v', 4, 4, '720x1280', 'accepted',
               (select id from prices limit 1), 1, 40, $5)`,
      [row.id, principal.teamId, principal.keyId, row.upstreamAccountId, at],
    );
    await client.query(`select quota_reserve($1, $2, $3, 'org', $4, 'sora-2', '{}', $5)`, [
      row.id,
      principal.keyId,
      principal.teamId,
      row.amounts,
      at,
    ]);
    await client.query('commit');
    return null;
  } catch (error) {
    await client.query('rollback');
    return (error as { code: string }).code;
  } finally {
    client.release();
  }
}
const mismatches = async () => (await checkLedger(database)).mismatches;

test('a limit that is taken away and made again, in one change, counts what it had counted', async () => {
  let { id } = await setQuota(database, { ...ofTeam(), hard: 400n });
  const remake = () =>
    transaction(database.db, async () => {
      await removeQuota(database, id);
      id = (await setQuota(database, { ...ofTeam(), hard: 400n })).id;
    });
  const count = await accepted(60, async () => {
    for (let round = 0; round < 5; round++) await remake();
  });
  expect(count).toBe(10);
  expect(await create()).toBe('insufficient_quota');
  expect(await mismatches()).toEqual([]);
});

test('a grant that is ended while videos are accepted lets pass no more than it was good for, and then nothing', async () => {
  const { id } = await setQuota(database, { ...ofTeam(), hard: 200n });
  const grant = await grantMore(admin(), { limitId: id, amount: 200n, reason: 'a rush' });
  const count = await accepted(40, () => endGrant(admin(), grant.id));
  expect(count).toBeGreaterThanOrEqual(5);
  expect(count).toBeLessThanOrEqual(10);
  expect(await create()).toBe('insufficient_quota');
  const [bucket] = await query(
    'select granted::int, greatest(0, reserved - hard_limit) = overrun_allowed as exact from quota_buckets where limit_id = $1',
    id,
  );
  expect(bucket).toEqual({ granted: 0, exact: true });
  expect(await mismatches()).toEqual([]);
});

test('of two grants the one that ends first takes only its own part along', async () => {
  const { id } = await setQuota(database, { ...ofTeam(), hard: 0n });
  await grantMore(admin(), { limitId: id, amount: 40n, reason: 'for long' });
  const short = await grantMore(admin(), { limitId: id, amount: 40n, reason: 'for a moment' });
  expect(await create()).toBe(null);
  const past = `clock_timestamp() - interval '1 second'`;
  await query(`update quota_grants set ends_at = ${past} where id = $1`, short.id);
  await query(`update quota_buckets set granted_until = ${past} where limit_id = $1`, id);
  const [state] = await query(
    'select quota_state(l, quota_bucket_at(l.id, now()), 40, now()) as now from quota_limits l where l.id = $1',
    id,
  );
  // What is told is right before the next video puts the balance right.
  expect(state.now).toMatchObject({ hard: '40', granted: '40', reserved: '40' });
  expect(await create()).toBe('insufficient_quota');
});

test('a limit lowered, raised and lowered again while videos come and go is never passed by what comes after', async () => {
  await setQuota(database, { ...ofTeam(), hard: 4_000n });
  const rows = Array.from({ length: 20 }, () => videoRow(principal, AMOUNTS));
  for (const row of rows) await accept(database.db.$client, row);
  const change = async () => {
    for (const hard of [100n, 900n, 300n]) await setQuota(database, { ...ofTeam(), hard });
  };
  await accepted(20, async () => {
    await Promise.all([change(), ...rows.map(({ id }) => finishReservations(database.db, id, null))]);
  });
  const [bucket] = await query(
    `select b.reserved::int, b.hard_limit::int as hard, b.overrun_allowed::int as overrun
       from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1`,
    principal.teamId,
  );
  expect(bucket.hard).toBe(300);
  expect(bucket.reserved).toBeLessThanOrEqual(300 + bucket.overrun);
  if (bucket.reserved > 260) expect(await create()).toBe('insufficient_quota');
  expect(await mismatches()).toEqual([]);
});

test('a change of the time zone makes no month of a few hours with a whole limit of its own', async () => {
  const { id } = await setQuota(database, { ...ofTeam(), hard: 100n });
  const spent = [await createAt('2041-12-30T12:00:00Z'), await createAt('2041-12-31T23:59:59Z')];
  expect(spent).toEqual([null, null]);
  expect(await createAt('2041-12-31T23:59:59Z')).toBe('RG429');
  await updateOrganization(database, { timeZone: 'America/Los_Angeles' });
  try {
    // The old December ends by the old clock; eight hours later there is January by the new one. Both are one.
    expect(await createAt('2042-01-01T01:00:00Z')).toBe(null);
    expect(await createAt('2042-01-01T07:59:59Z')).toBe(null);
    expect(await createAt('2042-01-01T09:00:00Z')).toBe('RG429');
    expect(await createAt('2042-01-31T23:00:00Z')).toBe('RG429');
    expect(await createAt('2042-02-01T08:00:00Z')).toBe(null);
    const periods = await query(
      `select period_start as starts, period_end as ends from quota_buckets where limit_id = $1 and period_start > '2041-01-01' order by 1`,
      id,
    );
    expect(periods.map(({ starts, ends }) => [starts.toISOString(), ends.toISOString()])).toEqual([
      ['2041-12-01T00:00:00.000Z', '2042-01-01T00:00:00.000Z'],
      ['2042-01-01T00:00:00.000Z', '2042-02-01T08:00:00.000Z'],
      ['2042-02-01T08:00:00.000Z', '2042-03-01T08:00:00.000Z'],
    ]);
  } finally {
    await updateOrganization(database, { timeZone: 'UTC' });
  }
});

test("a test key's video that turns up late is nothing that its team has used", async () => {
  await setQuota(database, { ...ofTeam(), hard: 400n });
  await setQuota(database, {
    scopeKind: 'key',
    scopeId: principal.keyId,
    metric: 'videos',
    window: 'month',
    hard: 5n,
  });
  const row = videoRow(principal, AMOUNTS);
  expect(await create({ id: row.id, isTest: true } as Partial<typeof row>)).toBe(null);
  await finishReservations(database.db, row.id, null);
  await finishReservations(database.db, row.id, { cost: '40', seconds: '4', videos: '1' });
  const used = await query(
    `select l.scope_kind as scope, b.settled::int from quota_buckets b join quota_limits l on l.id = b.limit_id
      where l.scope_id = any($1) order by 1`,
    [principal.teamId, principal.keyId],
  );
  expect(used).toEqual([
    { scope: 'key', settled: 1 },
    { scope: 'team', settled: 0 },
  ]);
  expect(await mismatches()).toEqual([]);
});
