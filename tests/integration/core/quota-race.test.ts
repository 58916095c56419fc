import { type CallerContext, createVideo, type Principal, ReelgateError, setQuota } from '@reelgate/core';
import { seedTeam, startWalk, type TestDatabase, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

/** 4 seconds at ten cents. */
const COST = 400_000n;
let walk: Walk;
let database: TestDatabase;

beforeAll(async () => {
  walk = await startWalk();
  database = walk.database;
});
beforeEach(() => walk.simulator.control('POST', 'reset'));
afterAll(() => walk.close());

const callerOf = (principal: Principal): CallerContext => ({ ...walk.ctx, principal });
const creates = async () => (await walk.simulator.truth()).totals.creates;

const request = { model: 'sora-2', prompt: 'a kite over the sea', seconds: 4, size: '720x1280', params: {} };

async function bucket(teamId: string) {
  const { rows } = await database.db.$client.query(
    `select b.reserved::int, b.settled::int, (select sum(d_reserved)::int from quota_ledger where bucket_id = b.id) as ledger
       from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1 and l.metric = 'cost'`,
    [teamId],
  );
  return rows[0];
}

/** With a hard cost quota a month, in micro-US-dollars. */
async function seedTeamWith(hard: bigint) {
  const principal = await seedTeam(database.db);
  await setQuota(database, {
    scopeKind: 'team',
    scopeId: principal.teamId,
    metric: 'cost',
    window: 'month',
    hard,
  });
  return principal;
}

describe('a hard quota under concurrency', () => {
  test('64 creators against room for 10: exactly 10 are sent upstream, though the month has no bucket yet', async () => {
    const principal = await seedTeamWith(COST * 10n + 399_999n);
    const ctx = callerOf(principal);
    const results = await Promise.allSettled(Array.from({ length: 64 }, () => createVideo(ctx, request)));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(results.length - refused.length).toBe(10);
    expect(await creates()).toBe(10);
    for (const error of refused) expect(error).toMatchObject({ code: 'insufficient_quota' });
    expect(await bucket(principal.teamId)).toEqual({ reserved: 4_000_000, settled: 0, ledger: 4_000_000 });
  });

  test('the refusal names the figures and the reset, and leaves nothing behind', async () => {
    const principal = await seedTeamWith(COST + 100_000n);
    const ctx = callerOf(principal);
    await createVideo(ctx, request);
    const error = await createVideo(ctx, request).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ReelgateError);
    expect((error as ReelgateError).message).toMatch(
      /^Team quota for cost reached: limit 0\.50 USD this month, 0\.00 USD used, 0\.40 USD reserved, this video 0\.40 USD\. Resets \d{4}-\d{2}-01T00:00:00Z\. Ask for more with POST \/v1\/quota\/requests\.$/,
    );
    expect((error as ReelgateError).details.retryAfterSeconds).toBeGreaterThan(0);
    const { rows } = await database.db.$client.query('select count(*)::int from videos where team_id = $1', [
      principal.teamId,
    ]);
    expect(rows[0]).toEqual({ count: 1 });
  });

  test('a video larger than the whole quota is a bad request, not a wait', async () => {
    const principal = await seedTeam(database.db);
    await setQuota(database, {
      scopeKind: 'team',
      scopeId: principal.teamId,
      metric: 'seconds',
      window: 'day',
      hard: 3n,
    });
    const ctx = callerOf(principal);
    await expect(createVideo(ctx, request)).rejects.toMatchObject({ code: 'video_exceeds_quota' });
  });

  test('videos in flight have their own limit', async () => {
    const principal = await seedTeam(database.db);
    await setQuota(database, {
      scopeKind: 'key',
      scopeId: principal.keyId,
      metric: 'concurrent',
      window: 'none',
      hard: 2n,
    });
    const ctx = callerOf(principal);
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => createVideo(ctx, request)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(2);
    expect(await creates()).toBe(2);
  });

  test('lowering a limit below what is used refuses new videos and ends none', async () => {
    const principal = await seedTeam(database.db);
    const quota = { scopeKind: 'team', scopeId: principal.teamId, metric: 'cost', window: 'month' } as const;
    await setQuota(database, { ...quota, hard: COST * 5n });
    const ctx = callerOf(principal);
    await createVideo(ctx, request);
    await createVideo(ctx, request);
    await setQuota(database, { ...quota, hard: COST });
    await expect(createVideo(ctx, request)).rejects.toMatchObject({ code: 'insufficient_quota' });
    await setQuota(database, { ...quota, hard: COST * 3n });
    await createVideo(ctx, request);
    await expect(createVideo(ctx, request)).rejects.toMatchObject({ code: 'insufficient_quota' });
  });

  test('the ledger cannot be changed', async () => {
    await expect(database.db.$client.query('update quota_ledger set d_reserved = 0')).rejects.toMatchObject({
      code: 'RG403',
    });
    await expect(database.db.$client.query('delete from quota_ledger')).rejects.toMatchObject({
      code: 'RG403',
    });
  });
});
