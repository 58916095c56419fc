import { checkLedger, type Principal, type QuotaSetting, setQuota } from '@reelgate/core';
import { createTestDatabase, TEST_ACCOUNT, type TestDatabase } from '@reelgate/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedCallers } from './quota-history.ts';

const RESERVATIONS = Number(process.env.QUOTA_STORM ?? 50_000);
const CONNECTIONS = 32;
const AMOUNTS = { cost: 700_001, seconds: 7, videos: 1, concurrent: 1 } as const;
/** How many of every 21 reservations each key asks for. */
const SHARES = [1, 2, 3, 4, 5, 6];
/** How often it says how far it is, in ms. */
const TELL_MS = 30_000;
/** A connection tells after so many reservations. */
const STRIDE = 250;

let database: TestDatabase;
let callers: Principal[];

beforeAll(async () => {
  database = await createTestDatabase({ max: CONNECTIONS });
  callers = await seedCallers(database);
});
afterAll(() => database.close());

/** All there is of them is the row that a reservation needs; nothing is charged for one that was not accepted. */
async function insertVideos(): Promise<void> {
  const keys = callers.flatMap((caller, key) => Array.from({ length: SHARES[key] ?? 0 }, () => caller));
  const client = await database.db.$client.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query(
      `insert into videos (id, team_id, key_id, operation, model, upstream_account_id, upstream_model, prompt, full_fp,
         visible_fp, seconds, billed_seconds, size, state, price_id, unit_price_micro, est_micro, charge)
       select 'video_' || n, k.value ->> 'teamId', k.value ->> 'keyId', 'create', 'sora-2', $2, 'sora-2', 'p', 'f', 'v', 7, 7,
              '720x1280', 'accepted', (select id from prices limit 1), 100000, $3, 'released'
         from jsonb_array_elements($1::jsonb) with ordinality as k (value, place)
         join generate_series(1, $4::int) as n on n % $5 = place - 1`,
      [JSON.stringify(keys), TEST_ACCOUNT, AMOUNTS.cost, RESERVATIONS, keys.length],
    );
    await client.query('vacuum analyze videos');
  } finally {
    client.release();
  }
}

/** Room for a share of the videos asked for, and for a bit that is less than one more. */
function limitOf(
  scopeKind: QuotaSetting['scopeKind'],
  scopeId: string,
  metric: keyof typeof AMOUNTS,
  window: QuotaSetting['window'],
  videos: number,
) {
  const fits = Math.floor(videos);
  const hard = BigInt(fits) * BigInt(AMOUNTS[metric]) + BigInt(AMOUNTS[metric] - 1);
  return { fits, setting: { scopeKind, scopeId, metric, window, hard } satisfies QuotaSetting };
}

test('of a storm of reservations exactly those are accepted that fit', async () => {
  const each = RESERVATIONS / SHARES.reduce((sum, share) => sum + share);
  const [a, b, c, d, e] = callers as [Principal, Principal, Principal, Principal, Principal];
  const first = limitOf('key', a.keyId, 'videos', 'day', each * 0.5);
  const fourth = limitOf('key', d.keyId, 'concurrent', 'none', each * 4 * 0.4);
  const team1 = limitOf('team', b.teamId, 'cost', 'none', each * 2.2);
  const team2 = limitOf('team', c.teamId, 'cost', 'month', each * 7 * 0.6);
  const team3 = limitOf('team', e.teamId, 'seconds', 'day', each * 11 * 0.7);
  const organization = limitOf('org', 'org', 'seconds', 'month', each * 13);
  for (const limit of [first, fourth, team1, team2, team3, organization])
    await setQuota(database, limit.setting);
  await setQuota(database, { ...organization.setting, metric: 'cost', hard: null });
  await insertVideos();

  const started = performance.now();
  const accepted = await storm();
  const seconds = (performance.now() - started) / 1000;
  console.info(
    `quota storm: ${RESERVATIONS} reservations over ${CONNECTIONS} connections in ${seconds.toFixed(1)} s, ${Math.round(RESERVATIONS / seconds)}/s, ${accepted} accepted; now the rest`,
  );

  expect(accepted).toBe(organization.fits);
  const buckets = await database.db.$client.query<{ scope: string; full: boolean; over: boolean }>(
    `select l.scope_id as scope, b.reserved > b.hard_limit as over,
            b.reserved + ($1::jsonb ->> l.metric)::int > b.hard_limit as full
       from quota_buckets b join quota_limits l on l.id = b.limit_id where l.hard is not null`,
    [JSON.stringify(AMOUNTS)],
  );
  expect(buckets.rows).toHaveLength(6);
  expect(buckets.rows.filter((bucket) => bucket.over)).toEqual([]);
  expect(buckets.rows.find((bucket) => bucket.scope === 'org')).toMatchObject({ full: true });
  expect(await checkLedger(database)).toEqual({ buckets: 7, mismatches: [] });

  // The organization gets room for all: now every team and key is filled to its own limit.
  await setQuota(database, { ...organization.setting, hard: null });
  const rest = await storm();
  const teams = [
    Math.min(team1.fits, first.fits + countOf(1)),
    Math.min(team2.fits, countOf(2) + fourth.fits),
    team3.fits,
  ];
  expect(accepted + rest).toBe(teams.reduce((sum, fits) => sum + fits));
  expect(await checkLedger(database)).toEqual({ buckets: 7, mismatches: [] });
}, 3_600_000);

/** How many reservations the key asks for. */
function countOf(key: number): number {
  const cycle = SHARES.reduce((sum, share) => sum + share);
  const from = SHARES.slice(0, key).reduce((sum, share) => sum + share, 0);
  return Array.from({ length: SHARES[key] ?? 0 }, (_, place) => from + place).reduce(
    (sum, place) => sum + Math.floor((RESERVATIONS - place) / cycle) + (place === 0 ? 0 : 1),
    0,
  );
}

/**
 * Every connection reserves its share of the videos that hold nothing yet, each in a transaction of its own as in production;
 * only the way there and back is saved. Answers how many were accepted. Any error but a refusal ends it.
 */
async function storm(): Promise<number> {
  const pool = database.db.$client;
  const before = await countHolders();
  const started = performance.now();
  let tried = 0;
  const telling = setInterval(() => {
    const seconds = (performance.now() - started) / 1000;
    console.info(`quota storm: ${tried} tried in ${seconds.toFixed(0)} s, ${Math.round(tried / seconds)}/s`);
  }, TELL_MS);
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, connection) => {
      const client = await pool.connect();
      client.on('notice', () => {
        tried += STRIDE;
      });
      try {
        await client.query('set statement_timeout = 0');
        await client.query(`
          do $$
          declare
            v record;
            tried int := 0;
          begin
            for v in select id, key_id, team_id from videos
                      where not exists (select from quota_reservations r where r.video_id = videos.id)
                        and substr(id, 7)::int % ${CONNECTIONS} = ${connection}
                      order by substr(id, 7)::int
            loop
              begin
                perform quota_reserve(v.id, v.key_id, v.team_id, 'org', '${JSON.stringify(AMOUNTS)}', 'sora-2', '{}', clock_timestamp());
              exception when sqlstate 'RG429' then null;
              end;
              commit;
              tried := tried + 1;
              if tried % ${STRIDE} = 0 then
                raise notice '%', tried;
              end if;
            end loop;
          end$$`);
      } finally {
        client.release(true);
      }
    }),
  ).finally(() => clearInterval(telling));
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query(
      `update videos v set charge = 'open' where charge <> 'open' and exists (select from quota_reservations r where r.video_id = v.id)`,
    );
  } finally {
    client.release(true);
  }
  return (await countHolders()) - before;
}

async function countHolders(): Promise<number> {
  const { rows } = await database.db.$client.query<{ count: number }>(
    'select count(distinct video_id)::int as count from quota_reservations',
  );
  return rows[0]?.count ?? 0;
}
