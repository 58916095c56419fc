/** What quotas can do, each against Postgres alone. */
import {
  checkLedger,
  decideBudgetRequest,
  endGrant,
  finishReservations,
  grantMore,
  listQuotas,
  type Principal,
  pullBrake,
  type QuotaSetting,
  releaseBrake,
  removeQuota,
  requestBudget,
  SYSTEM_ACTOR,
  setQuota,
  setVelocityBreaker,
} from '@reelgate/core';
import { createTestDatabase, seedModels, seedTeam, type TestDatabase } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accept, videoRow } from './reserve.ts';

const AMOUNTS = { cost: 40, seconds: 4 };
let database: TestDatabase;
let principal: Principal;
let ctx: { db: TestDatabase['db']; scope: 'all'; actor: typeof SYSTEM_ACTOR };

beforeAll(async () => {
  database = await createTestDatabase({ max: 20 });
  await seedModels(database.db);
  ctx = { db: database.db, scope: 'all', actor: SYSTEM_ACTOR };
});
beforeEach(async () => {
  principal = await seedTeam(database.db);
});
afterAll(() => database.close());

const teamQuota = (setting: Partial<QuotaSetting>) =>
  setQuota(database, {
    scopeKind: 'team',
    scopeId: principal.teamId,
    metric: 'cost',
    window: 'month',
    hard: null,
    ...setting,
  });
const create = (more: Partial<ReturnType<typeof videoRow>> = {}) =>
  accept(database.db.$client, { ...videoRow(principal, AMOUNTS), ...more });
const query = async (text: string, ...values: unknown[]) =>
  (await database.db.$client.query(text, values)).rows;

async function events(): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const rows = await query(
    `select convert_from(payload, 'UTF8') as payload from events where team_id = $1 order by occurred_at`,
    principal.teamId,
  );
  return rows.map(({ payload }) => JSON.parse(payload));
}

test('a refusal leaves its connection as it was, so that no team can wear the database out', async () => {
  await teamQuota({ hard: 0n });
  const client = await database.db.$client.connect();
  try {
    expect(await accept(client, videoRow(principal, AMOUNTS))).toBe('video_exceeds_quota');
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    client.release();
  }
});

describe('a leaky window', () => {
  test('gives back evenly what it has taken, and says when there is room', async () => {
    const { id } = await teamQuota({ window: 'leaky', spanSeconds: 1_000, hard: 100n });
    expect([await create(), await create(), await create()]).toEqual([null, null, 'insufficient_quota']);
    const [full] = (await listQuotas(ctx, { id })).quotas;
    expect(BigInt(full?.settled ?? 0) + BigInt(full?.reserved ?? 0)).toBeGreaterThanOrEqual(78n);
    await query(`update quota_buckets set leaked_at = leaked_at - interval '300 s' where limit_id = $1`, id);
    expect([await create(), await create()]).toEqual([null, 'insufficient_quota']);
    await query(`update quota_buckets set leaked_at = leaked_at - interval '2 days' where limit_id = $1`, id);
    expect([await create(), await create(), await create()]).toEqual([null, null, 'insufficient_quota']);
    expect((await checkLedger(database)).mismatches).toEqual([]);
  });

  test('leaks slowly too: whole units count, and no fraction of one is lost', async () => {
    const { id } = await teamQuota({ metric: 'videos', window: 'leaky', spanSeconds: 1_000, hard: 2n });
    await create();
    await create();
    for (let step = 0; step < 4; step++) {
      await query(
        `update quota_buckets set leaked_at = leaked_at - interval '130 s' where limit_id = $1`,
        id,
      );
      expect(await create()).toBe(step < 3 ? 'insufficient_quota' : null);
    }
  });

  test('a video that comes to nothing takes its share along', async () => {
    const { id } = await teamQuota({ window: 'leaky', spanSeconds: 1_000, hard: 100n });
    const row = videoRow(principal, AMOUNTS);
    await accept(database.db.$client, row);
    await query(`update quota_buckets set leaked_at = leaked_at - interval '300 s' where limit_id = $1`, id);
    await create();
    await finishReservations(database.db, row.id, null);
    const [bucket] = await query(
      'select reserved::int, leaked::int from quota_buckets where limit_id = $1',
      id,
    );
    expect(bucket).toEqual({ reserved: 40, leaked: 30 });
  });
});

describe('a limit for some videos', () => {
  test('counts those of its model alone', async () => {
    await teamQuota({ model: 'sora-2-pro', hard: 40n });
    expect([await create(), await create()]).toEqual([null, null]);
    expect([await create({ model: 'sora-2-pro' }), await create({ model: 'sora-2-pro' })]).toEqual([
      null,
      'insufficient_quota',
    ]);
  });

  test('counts those with its label alone, beside the limit for all', async () => {
    await teamQuota({ tags: { campaign: 'spring' }, hard: 40n });
    await teamQuota({ hard: 120n });
    const spring = { metadata: { campaign: 'spring', ticket: '7' } };
    expect([await create(spring), await create(spring)]).toEqual([null, 'insufficient_quota']);
    expect([await create({ metadata: { campaign: 'autumn' } }), await create(), await create()]).toEqual([
      null,
      null,
      'insufficient_quota',
    ]);
  });
});

describe('thresholds', () => {
  test('are told once each in a period, in the transaction that reaches them, and the first refusal once', async () => {
    const { id } = await teamQuota({ hard: 100n });
    await Promise.all(Array.from({ length: 12 }, () => create()));
    await create();
    const told = await events();
    expect(told.map(({ type, data }) => [type, data.threshold])).toEqual([
      ['quota.threshold_reached', 50],
      ['quota.threshold_reached', 80],
      ['quota.exhausted', undefined],
    ]);
    expect(told[2]?.data).toMatchObject({ id, scope: 'team', metric: 'cost', limit: '100', reserved: '80' });
  });

  test('of a soft limit are told, and nothing is refused', async () => {
    await teamQuota({ soft: 80n, thresholds: [100] });
    expect([await create(), await create(), await create()]).toEqual([null, null, null]);
    expect((await events()).map(({ data }) => data.threshold)).toEqual([100]);
  });

  test('a soft limit beside a hard one is told by itself', async () => {
    await teamQuota({ hard: 1_000n, soft: 80n, thresholds: [] });
    for (const _ of [1, 2, 3]) await create();
    expect((await events()).map(({ data }) => data.threshold)).toEqual(['soft']);
  });

  test("the organization's are told to its own endpoints, and are no team's business", async () => {
    for (const [id, owner] of [
      ['whe_company', null],
      ['whe_team', principal.teamId],
    ])
      await query(
        `insert into webhook_endpoints (id, team_id, url, event_types)
           values ($1, $2, 'https://hooks.example.com', '{quota.threshold_reached,quota.exhausted}')`,
        id,
        owner,
      );
    const ofDay = { scopeKind: 'org', scopeId: 'org', metric: 'videos', window: 'day' } as const;
    const limit = await setQuota(database, { ...ofDay, hard: null });
    const [today] = (await listQuotas(ctx, { id: limit.id })).quotas;
    const room = BigInt(today?.reserved ?? 0) + BigInt(today?.settled ?? 0) + 1n;
    await setQuota(database, { ...ofDay, hard: room });
    expect([await create(), await create()]).toEqual([null, 'insufficient_quota']);
    expect(await events()).toEqual([]);
    const told = await query(
      `select d.endpoint_id as endpoint, d.team_id as team, e.type, convert_from(e.payload, 'UTF8')::json -> 'data' as data
         from webhook_deliveries d join events e on e.id = d.event_id order by e.occurred_at`,
    );
    expect(told.map(({ endpoint, team, type, data }) => [endpoint, team, type, data.threshold])).toEqual([
      ['whe_company', null, 'quota.threshold_reached', 50],
      ['whe_company', null, 'quota.threshold_reached', 80],
      ['whe_company', null, 'quota.threshold_reached', 100],
      ['whe_company', null, 'quota.exhausted', undefined],
    ]);
    expect(told[3]?.data).toMatchObject({ scope: 'org', metric: 'videos', limit: `${room}` });
    await removeQuota(database, limit.id);
    expect(await create()).toBe(null);
  });
});

describe('a grant', () => {
  test('raises the limit until it ends by itself', async () => {
    const { id } = await teamQuota({ hard: 50n });
    expect([await create(), await create()]).toEqual([null, 'insufficient_quota']);
    const endsAt = new Date(Date.now() + 3_600_000);
    const grant = await grantMore(ctx, { limitId: id, amount: 50n, reason: 'launch week', endsAt });
    expect([await create(), await create()]).toEqual([null, 'insufficient_quota']);
    const [ledger] = await query(
      `select kind, actor, reason from quota_ledger where idem like $1`,
      `grant:${grant.id}:%`,
    );
    expect(ledger).toEqual({ kind: 'grant', actor: 'reelgate', reason: 'launch week' });
    await query(
      `update quota_grants set ends_at = clock_timestamp() - interval '1 s' where id = $1`,
      grant.id,
    );
    await query(
      `update quota_buckets set granted_until = clock_timestamp() - interval '1 s' where limit_id = $1`,
      id,
    );
    expect(await create()).toBe('insufficient_quota');
    expect((await listQuotas(ctx, { id })).quotas).toMatchObject([
      { granted: '0', hard: '50', reserved: '80' },
    ]);
    expect((await checkLedger(database)).mismatches).toEqual([]);
  });

  test('can be ended before its time', async () => {
    const { id } = await teamQuota({ hard: 0n });
    const grant = await grantMore(ctx, { limitId: id, amount: 100n, reason: 'a try' });
    expect(await create()).toBe(null);
    expect(await endGrant(ctx, grant.id)).toMatchObject({ isActive: false });
    expect(await create()).toBe('video_exceeds_quota');
  });

  test('needs an end that is to come', async () => {
    const { id } = await teamQuota({ window: 'none', hard: 1n });
    const order = { limitId: id, amount: 1n, reason: 'r' };
    await expect(grantMore(ctx, order)).rejects.toMatchObject({ code: 'invalid_value' });
    await expect(grantMore(ctx, { ...order, endsAt: new Date(0) })).rejects.toMatchObject({
      code: 'invalid_value',
    });
  });
});

test('who asks for more gets it with one approval, and nobody decides twice', async () => {
  const { id } = await teamQuota({ hard: 0n });
  const order = { limitId: id, amount: 40n, reason: 'two more trailers' };
  const request = await requestBudget(ctx, order);
  await expect(requestBudget(ctx, order)).rejects.toMatchObject({ code: 'conflict' });
  expect((await events()).map(({ type, data }) => [type, data.id])).toEqual([
    ['budget_request.created', request.id],
  ]);
  const decisions = await Promise.allSettled(
    Array.from({ length: 4 }, () => decideBudgetRequest(ctx, request.id, { state: 'approved' })),
  );
  expect(decisions.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect([await create(), await create()]).toEqual([null, 'insufficient_quota']);
});

test('a change that was made from an old version is refused', async () => {
  const { version } = await teamQuota({ hard: 1n });
  const change = { scopeKind: 'team', scopeId: principal.teamId, metric: 'cost', window: 'month' } as const;
  await setQuota(database, { ...change, hard: 2n }, { expectedVersion: version });
  await expect(
    setQuota(database, { ...change, hard: 3n }, { expectedVersion: version }),
  ).rejects.toMatchObject({ code: 'version_conflict' });
});

describe('brakes', () => {
  const held = async () => {
    const { rows } = await database.db.$client.query(
      `select refusal ->> 'brake' as brake from accept_video(jsonb_set($1::jsonb, '{priceId}', (select to_jsonb(id) from prices limit 1)))`,
      [JSON.stringify(videoRow(principal, AMOUNTS))],
    );
    return rows[0].brake;
  };

  test.each(['org', 'team', 'key'] as const)(
    'of the %s hold new videos until they are released',
    async (scopeKind) => {
      const scopeId = { org: 'org', team: principal.teamId, key: principal.keyId }[scopeKind];
      await pullBrake(database, { scopeKind, scopeId }, 'an incident');
      expect(await held()).toBe(scopeKind);
      await releaseBrake(database, { scopeKind, scopeId });
      expect(await held()).toBe(null);
    },
  );

  test('a key that is too fast is held, told once, and others go on', async () => {
    const scope = { scopeKind: 'team', scopeId: principal.teamId } as const;
    await setVelocityBreaker(database, scope, {
      videosPerMinute: 3,
      microUsdPerMinute: null,
      timesNormal: null,
    });
    // Where the minute ends meanwhile, the count begins again: twice as many come in any case.
    const answers = await Promise.all(Array.from({ length: 10 }, held));
    expect(answers.filter((brake) => brake === null).length).toBeLessThanOrEqual(6);
    expect(await held()).toBe('key');
    const told = await events();
    expect(told.map(({ type, data }) => [type, data.id, data.reason])).toEqual([
      ['api_key.paused', principal.keyId, 'more than 3 videos in a minute'],
    ]);
    await releaseBrake(database, { scopeKind: 'key', scopeId: principal.keyId });
    expect(await held()).toBe(null);
  });

  test('a key is held that makes many times what is normal for it', async () => {
    const scope = { scopeKind: 'key', scopeId: principal.keyId } as const;
    await setVelocityBreaker(database, scope, {
      videosPerMinute: null,
      microUsdPerMinute: null,
      timesNormal: 5,
    });
    await query(
      `insert into key_minutes (key_id, minute, videos, micro_usd)
         select $1, date_trunc('minute', now()) - make_interval(mins => n + 60), 1, 40 from generate_series(1, 40) n`,
      principal.keyId,
    );
    const answers: (string | null)[] = [];
    for (let i = 0; i < 24; i++) answers.push(await held());
    expect(answers.indexOf('key')).toBeGreaterThanOrEqual(10);
  });
});
