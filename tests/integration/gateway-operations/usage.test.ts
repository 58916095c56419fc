/** Quotas over HTTP: exact under concurrency, told in headers, and one definition of spend behind every figure. */
import { quotaRequestSchema, quotaSchema, usageSchema } from '@reelgate/contract';
import { checkLedger, pullBrake, releaseBrake, removeQuota, setQuota } from '@reelgate/core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { costQuota, type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

const COST = 400_000n;
let stack: Stack;
let team: Team;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());
beforeEach(async () => {
  await stack.simulator.control('POST', 'reset');
  team = await stack.addTeam(COST * 10n + 399_999n);
});

test('64 creators at once against room for 10: exactly 10 are sent upstream, and the rest are told not to try again', async () => {
  const answers = await Promise.all(Array.from({ length: 64 }, () => stack.create(team)));
  const refused = answers.filter(({ status }) => status !== 200);
  expect(answers.length - refused.length).toBe(10);
  expect((await stack.simulator.truth()).totals.creates).toBe(10);
  for (const { status, json, headers } of refused) {
    expect([status, json.error.code, headers['x-should-retry']]).toEqual([
      429,
      'insufficient_quota',
      'false',
    ]);
    expect(headers).toMatchObject({
      'x-reelgate-quota-scope': 'team',
      'x-reelgate-quota-metric': 'cost',
      'x-reelgate-quota-window': 'month',
      'x-reelgate-quota-limit': '4399999',
      'x-reelgate-quota-remaining': '399999',
    });
  }
});

test('200 first requests at the roll of a month: exact, in the organization, the teams and a key', async () => {
  const other = await stack.addTeam(COST * 37n);
  const month = { window: 'month' } as const;
  const ofKey = { scopeKind: 'key', scopeId: team.keyId, metric: 'videos', ...month } as const;
  const ofOrganization = { scopeKind: 'org', scopeId: 'org', metric: 'seconds', ...month } as const;
  await setQuota(stack.database, { ...costQuota(team.teamId, COST * 33n + 1n) });
  await setQuota(stack.database, { ...ofKey, hard: 31n });
  const company = await setQuota(stack.database, { ...ofOrganization, hard: null });
  try {
    const last = [await stack.create(team), await stack.create(other)];
    expect(last.map(({ status }) => status)).toEqual([200, 200]);
    await setQuota(stack.database, { ...ofOrganization, hard: 4n * 50n + 3n });
    await rollMonth();
    const before = await balances();

    const callers = [team, other];
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => stack.create(callers[i % 2] ?? team)),
    );
    const accepted = callers.map((_, caller) => {
      const own = answers.filter((_, i) => i % 2 === caller);
      return BigInt(own.filter(({ status }) => status === 200).length);
    });
    const [ours, theirs] = accepted as [bigint, bigint];
    expect(ours + theirs).toBe(50n);
    expect(ours <= 31n && theirs <= 37n, `${ours} and ${theirs}`).toBe(true);
    for (const { status, json } of answers.filter((answer) => answer.status !== 200))
      expect([status, json.error.code]).toEqual([429, 'insufficient_quota']);
    expect((await stack.simulator.truth()).totals.creates).toBe(2 + 50);

    // The month that is over is as it was; the new one holds what was accepted, and its ledger says the same.
    const after = await balances();
    expect(after.filter(({ open }) => !open)).toEqual(before);
    const reservedIn = (scope: string, metric: string) =>
      after
        .filter((row) => row.open && row.scope === scope && row.metric === metric)
        .map(({ reserved }) => reserved);
    expect({
      key: reservedIn(team.keyId, 'videos'),
      team: reservedIn(team.teamId, 'cost'),
      other: reservedIn(other.teamId, 'cost'),
      organization: reservedIn('org', 'seconds'),
    }).toEqual({
      key: [`${ours}`],
      team: [`${ours * COST}`],
      other: [`${theirs * COST}`],
      organization: ['200'],
    });
    expect((await checkLedger(stack.database)).mismatches).toEqual([]);
  } finally {
    await removeQuota(stack.database, company.id);
  }
});

/** The clock is Postgres's own, so that it is the past that moves: this month with all that is in it becomes the last. */
async function rollMonth(): Promise<void> {
  const pool = stack.database.db.$client;
  await pool.query(`update videos set created_at = created_at - interval '40 days'`);
  await pool.query(
    `update quota_buckets b
        set period_start = b.period_start - interval '40 days', period_end = date_trunc('month', clock_timestamp(), l.tz)
       from quota_limits l where l.id = b.limit_id and l."window" = 'month'`,
  );
}

interface Balance {
  readonly scope: string;
  readonly metric: string;
  readonly open: boolean;
  readonly reserved: string;
  readonly settled: string;
}

/** Of all months of the limits that are in force. */
async function balances(): Promise<Balance[]> {
  const { rows } = await stack.database.db.$client.query<Balance>(
    `select l.scope_id as scope, l.metric, b.period_end > clock_timestamp() as open, b.reserved::text, b.settled::text
       from quota_buckets b join quota_limits l on l.id = b.limit_id
      where l.retired_at is null and l."window" = 'month' order by b.id`,
  );
  return rows;
}

test('when a month is over, a key and its team begin with nothing used, and the last month stays as it was', async () => {
  const ofKey = { scopeKind: 'key', scopeId: team.keyId, metric: 'videos', window: 'month' } as const;
  await setQuota(stack.database, { ...ofKey, hard: 5n });
  expect((await stack.create(team)).status).toBe(200);
  const limits = async () => {
    const { json } = await stack.ask(team, 'GET', '/v1/quota');
    return Object.fromEntries(
      json.limits.map((limit: Record<string, unknown>) => [
        limit.scope,
        [limit.used, limit.reserved, limit.left, Number(limit.resets_at) > Date.now() / 1_000],
      ]),
    );
  };
  const used = async (query: string) => {
    const { total } = (await stack.ask(team, 'GET', `/v1/usage?${query}`)).json;
    return [total.videos, total.reserved_micro_usd];
  };
  expect(await limits()).toEqual({ key: ['0', '1', '4', true], team: ['0', '400000', '3999999', true] });
  await rollMonth();
  expect(await limits()).toEqual({ key: ['0', '0', '5', true], team: ['0', '0', '4399999', true] });
  const lastMonth = `from=${Math.floor(Date.now() / 1_000) - 41 * 86_400}`;
  for (const scope of ['key', 'team']) {
    expect(await used(`scope=${scope}`)).toEqual([0, 0]);
    expect(await used(`scope=${scope}&${lastMonth}`)).toEqual([1, 400_000]);
  }
  const { headers } = await stack.create(team);
  expect([headers['x-reelgate-quota-scope'], headers['x-reelgate-quota-remaining']]).toEqual(['key', '4']);
  expect(await limits()).toEqual({ key: ['0', '1', '4', true], team: ['0', '400000', '3999999', true] });
});

test('an accepted video says what is left of the limit that is nearest to its end', async () => {
  await setQuota(stack.database, {
    scopeKind: 'key',
    scopeId: team.keyId,
    metric: 'videos',
    window: 'day',
    hard: 2n,
  });
  const first = await stack.create(team);
  expect(first.headers).toMatchObject({
    'x-reelgate-quota-scope': 'key',
    'x-reelgate-quota-metric': 'videos',
    'x-reelgate-quota-window': 'day',
    'x-reelgate-quota-limit': '2',
    'x-reelgate-quota-remaining': '1',
  });
  expect(Number(first.headers['x-reelgate-quota-reset'])).toBeGreaterThan(Date.now() / 1_000);
});

test("the organization's figures are not in the headers either", async () => {
  const limit = { scopeKind: 'org', scopeId: 'org', metric: 'seconds', window: 'none' } as const;
  await setQuota(stack.database, { ...limit, hard: 0n });
  try {
    const { status, headers, text } = await stack.create(await stack.addTeam());
    expect(status).toBe(400);
    expect(headers['x-reelgate-quota-scope']).toBe('org');
    expect(headers['x-reelgate-quota-limit']).toBeUndefined();
    expect(text).not.toContain('limit 0');
  } finally {
    await setQuota(stack.database, { ...limit, hard: null });
  }
});

test('a key sees its own limits and usage, equal to what the Admin API and its CSV say; and asks for more', async () => {
  const other = await stack.addTeam(COST);
  await stack.create(team, { metadata: { campaign: 'spring' } });
  await stack.create(team, { seconds: '8' });
  await stack.create(other);

  const quota = quotaSchema.parse((await stack.ask(team, 'GET', '/v1/quota')).json);
  expect(quota.limits).toMatchObject([
    { scope: 'team', metric: 'cost', limit: '4399999', used: '0', reserved: '1200000', left: '3199999' },
  ]);
  const usage = usageSchema.parse(
    (await stack.ask(team, 'GET', '/v1/usage?group_by=tag,model&tag_key=campaign')).json,
  );
  expect(usage.data).toMatchObject([
    { tag: 'spring', model: 'sora-2', videos: 1, reserved_micro_usd: 400_000 },
    { tag: null, model: 'sora-2', videos: 1, reserved_micro_usd: 800_000 },
  ]);
  expect(usage.total).toMatchObject({ videos: 2, spent_micro_usd: 0, reserved_micro_usd: 1_200_000 });

  const admin = await stack.addAdmin();
  const byTeam = await stack.ask(admin, 'GET', `/admin/v1/usage?group_by=team&team_id=${team.teamId}`);
  expect(byTeam.json.data).toMatchObject([
    { team_id: team.teamId, videos: 2, spent_micro_usd: '0', reserved_micro_usd: '1200000' },
  ]);
  const csv = await stack.ask(admin, 'GET', `/admin/v1/usage.csv?group_by=team&team_id=${team.teamId}`);
  expect(csv.text).toContain(team.teamId);
  expect(csv.text).toContain('1200000');

  const [limit] = quota.limits;
  const wish = { limit_id: limit?.id, amount: '5000000', reason: 'two more trailers' };
  const asked = await stack.ask(team, 'POST', '/v1/quota/requests', { json: wish });
  expect(quotaRequestSchema.parse(asked.json)).toMatchObject({ state: 'open', amount: '5000000' });
  const again = await stack.ask(team, 'POST', '/v1/quota/requests', { json: wish });
  expect([again.status, again.json.error.code]).toEqual([400, 'conflict']);
  const foreign = await stack.ask(other, 'POST', '/v1/quota/requests', { json: wish });
  expect(foreign.status).toBe(404);

  const path = `/admin/v1/budget-requests/${asked.json.id}/approve`;
  const approved = await stack.ask(admin, 'POST', path, { json: { note: 'for this month' } });
  expect(approved.json).toMatchObject({ state: 'approved' });
  expect((await stack.ask(team, 'GET', '/v1/quota')).json.limits).toMatchObject([
    { limit: '9399999', granted: '5000000' },
  ]);
});

test('the Admin API sets limits and prices, and refuses a change from an old version', async () => {
  const admin = await stack.addAdmin();
  const fresh = await stack.addTeam();
  const created = await stack.ask(admin, 'POST', '/admin/v1/quotas', {
    json: { scope_kind: 'team', scope_id: fresh.teamId, metric: 'videos', window: 'day', hard: '5' },
  });
  expect(created.json).toMatchObject({ version: 1, left: '5', thresholds: [50, 80, 100] });
  const path = `/admin/v1/quotas/${created.json.id}`;
  const change = (json: object) => stack.ask(admin, 'PATCH', path, { json });
  expect((await change({ hard: '6', version: 1 })).json).toMatchObject({ hard: '6', version: 2 });
  expect((await change({ hard: '7', version: 1 })).status).toBe(409);
  const preview = await stack.ask(admin, 'POST', `${path}/preview`, { json: { hard: '0' } });
  expect(preview.json).toMatchObject({ over: false, left: '0', would_have_refused: 0 });
  expect((await stack.ask(admin, 'DELETE', path)).status).toBe(200);
  expect((await stack.ask(admin, 'GET', path)).status).toBe(404);

  const coverage = await stack.ask(admin, 'GET', '/admin/v1/prices/coverage');
  expect(coverage.json).toMatchObject({ complete: true, missing: [] });
  const price = { model: 'sora-2', size: '720x1280', per_second_micro_usd: '100000' };
  const future = await stack.ask(admin, 'POST', '/admin/v1/prices', {
    json: { ...price, valid_from: '2999-01-01T00:00:00Z' },
  });
  expect(future.json).toMatchObject({ state: 'future', minimum_micro_usd: '0' });
  expect(
    (await stack.ask(admin, 'GET', '/admin/v1/prices?state=current&model=sora-2')).json.data[0],
  ).toMatchObject({
    model: 'sora-2',
    state: 'current',
  });
});

test('a pause refuses new videos with what it is, and reads go on', async () => {
  const company = { scopeKind: 'org', scopeId: 'org' } as const;
  await pullBrake(stack.database, company, 'the upstream sends wrong bills');
  try {
    const { status, json, headers } = await stack.create(team);
    expect([status, json.error.code, headers['x-should-retry']]).toEqual([403, 'creates_paused', 'false']);
    expect(json.error.message).toContain('the upstream sends wrong bills');
    expect((await stack.ask(team, 'GET', '/v1/videos')).status).toBe(200);
  } finally {
    await releaseBrake(stack.database, company);
  }
  expect((await stack.create(team)).status).toBe(200);
});
