/** One definition of spend: usage by any grouping, enforcement and the ledger come to the same, across months and days of 23 and 25 hours. */
import {
  checkLedger,
  getUsage,
  type Principal,
  type QuotaSetting,
  setQuota,
  type UsageGroup,
  updateOrganization,
} from '@reelgate/core';
import { createTestDatabase, seedModels, seedTeam, type TestDatabase } from '@reelgate/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyBooks } from './empty-books.ts';
import { videoRow } from './reserve.ts';

let database: TestDatabase;
let callers: Principal[];
const ctx = () => ({ db: database.db, scope: 'all' as const });

beforeAll(async () => {
  database = await createTestDatabase({ max: 12 });
  await seedModels(database.db);
  callers = [await seedTeam(database.db), await seedTeam(database.db)];
});
afterAll(() => database.close());

/** As if it had been accepted at that time: what `accept_video` does, with the clock given. */
async function acceptAt(
  caller: Principal,
  at: string,
  amounts: { cost: number; seconds: number },
  tag: string,
) {
  const row = videoRow(caller, amounts);
  const client = await database.db.$client.connect();
  try {
    await client.query('begin');
    await client.query(
      `insert into videos (id, team_id, key_id, operation, model, upstream_account_id, upstream_model, prompt, full_fp, visible_fp,
         seconds, billed_seconds, size, state, price_id, unit_price_micro, est_micro, metadata, created_at)
       values ($1, $2, $3, 'create', 'sora-2', $4, 'sora-2', 'p', 'f', 'v', $5, $5, '720x1280', 'accepted',
               (select id from prices limit 1), 1, $6, $7, $8)`,
      [
        row.id,
        caller.teamId,
        caller.keyId,
        row.upstreamAccountId,
        amounts.seconds,
        amounts.cost,
        { campaign: tag },
        at,
      ],
    );
    await client.query(`select quota_reserve($1, $2, $3, 'org', $4, 'sora-2', $5, $6)`, [
      row.id,
      caller.keyId,
      caller.teamId,
      row.amounts,
      { campaign: tag },
      at,
    ]);
    await client.query('commit');
  } finally {
    client.release();
  }
  return row.id;
}

const finish = (id: string, actual: { cost: number; seconds: number } | null) =>
  database.db.$client.query('select quota_finish($1, $2)', [
    id,
    actual && { cost: `${actual.cost}`, seconds: `${actual.seconds}`, videos: '1' },
  ]);

describe('periods', () => {
  test.each([
    ['day', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['day', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    ['month', 'America/New_York', '2026-11-01T03:59:59Z', '2026-10-01T04:00:00Z', '2026-11-01T04:00:00Z'],
    ['month', 'Pacific/Kiritimati', '2026-11-30T10:00:00Z', '2026-11-30T10:00:00Z', '2026-12-31T10:00:00Z'],
    // A midnight that does not exist, and one that comes twice.
    ['day', 'Asia/Beirut', '2026-03-29T12:00:00Z', '2026-03-28T22:00:00Z', '2026-03-29T21:00:00Z'],
    ['day', 'America/Havana', '2026-11-01T04:30:00Z', '2026-10-31T04:00:00Z', '2026-11-01T05:00:00Z'],
    ['day', 'America/Havana', '2026-11-01T05:30:00Z', '2026-11-01T05:00:00Z', '2026-11-02T05:00:00Z'],
  ])('a %s in %s at %s', async (window, zone, at, starts, ends) => {
    const { rows } = await database.db.$client.query('select * from quota_period($1, $2, $3)', [
      window,
      zone,
      at,
    ]);
    expect(rows).toEqual([{ starts: new Date(starts), ends: new Date(ends) }]);
  });
});

test('usage, enforcement and ledger are equal, whatever is made around the end of a month and a change of the clocks', async () => {
  const moments = fc.integer({ min: 0, max: 10 * 24 * 4 }).map((quarter) => {
    // From three days before the clocks go back, over the end of October.
    const from = Date.parse('2026-10-24T00:00:00Z');
    return new Date(from + quarter * 900_000).toISOString();
  });
  const videos = fc.array(
    fc.record({
      at: moments,
      caller: fc.nat(1),
      cost: fc.integer({ min: 1, max: 900 }),
      seconds: fc.integer({ min: 1, max: 20 }),
      tag: fc.constantFrom('spring', 'autumn'),
      end: fc.constantFrom('open', 'settle', 'more', 'release'),
    }),
    { minLength: 20, maxLength: 40 },
  );
  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Pacific/Auckland', 'UTC');
  await fc.assert(
    fc.asyncProperty(videos, zones, async (plans, zone) => {
      await emptyBooks(database.db.$client);
      await updateOrganization(database, { timeZone: zone });
      const limits: QuotaSetting[] = callers.flatMap(({ teamId, keyId }) => [
        { scopeKind: 'team', scopeId: teamId, metric: 'cost', window: 'month', hard: null },
        { scopeKind: 'key', scopeId: keyId, metric: 'cost', window: 'day', hard: null },
        {
          scopeKind: 'team',
          scopeId: teamId,
          metric: 'seconds',
          window: 'day',
          hard: null,
          tags: { campaign: 'spring' },
        },
      ]);
      for (const limit of limits) await setQuota(database, limit);
      for (const plan of plans) {
        const caller = callers[plan.caller] as Principal;
        const id = await acceptAt(caller, plan.at, plan, plan.tag);
        if (plan.end === 'settle') await finish(id, plan);
        if (plan.end === 'more') await finish(id, { cost: plan.cost + 7, seconds: plan.seconds + 1 });
        if (plan.end === 'release') await finish(id, null);
      }
      expect((await checkLedger(database)).mismatches).toEqual([]);

      const range = { from: new Date('2026-10-01T00:00:00Z'), until: new Date('2026-12-01T00:00:00Z') };
      const by = (...groupBy: UsageGroup[]) => getUsage(ctx(), { ...range, groupBy, tagKey: 'campaign' });
      const { total } = await by();
      for (const groups of [
        ['team'],
        ['day'],
        ['month', 'tag'],
        ['key', 'model', 'operation', 'upstream'],
      ] as const) {
        const { rows } = await by(...groups);
        const sum = (figure: 'settledMicroUsd' | 'reservedMicroUsd') =>
          rows.reduce((before, row) => before + row[figure], 0n);
        expect([sum('settledMicroUsd'), sum('reservedMicroUsd')]).toEqual([
          total.settledMicroUsd,
          total.reservedMicroUsd,
        ]);
      }

      // The very periods of the quotas, from their buckets.
      const enforced = async (metric: string, window: string, format: string) =>
        (
          await database.db.$client.query(
            `select l.scope_id || ' ' || to_char(b.period_start at time zone l.tz, $3) as period, b.settled::int, b.reserved::int
               from quota_buckets b join quota_limits l on l.id = b.limit_id
              where l.metric = $1 and l."window" = $2 and b.reserved + b.settled > 0 order by 1`,
            [metric, window, format],
          )
        ).rows;
      const used = async (scope: 'team' | 'key', period: 'day' | 'month') =>
        (await by(scope, period)).rows
          .map((row) => ({
            period: `${row[scope]} ${row[period]}`,
            settled: Number(row.settledMicroUsd),
            reserved: Number(row.reservedMicroUsd),
          }))
          .filter((row) => row.settled + row.reserved > 0)
          .sort((a, b) => (a.period < b.period ? -1 : 1));
      expect(await used('team', 'month')).toEqual(await enforced('cost', 'month', 'YYYY-MM'));
      expect(await used('key', 'day')).toEqual(await enforced('cost', 'day', 'YYYY-MM-DD'));
    }),
    { numRuns: 4, seed: Number(process.env.QUOTA_SEED ?? 1), endOnFailure: true },
  );
}, 60_000);
