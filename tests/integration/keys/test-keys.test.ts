import { checkLedger, createKey, setQuota } from '@reelgate/core';
import { startSimulator, type TestSimulator } from '@reelgate/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { costQuota, PEPPER, type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let rehearsal: TestSimulator;
let team: Team;
/** Of the same team. */
let testKey: Team;
beforeAll(async () => {
  rehearsal = await startSimulator();
  stack = await startStack({ testUpstreamUrl: rehearsal.baseUrl });
  await stack.startWorker();
  // Room for one video of four seconds, in each metric.
  team = await stack.addTeam(400_000n);
  for (const [metric, hard] of [
    ['seconds', 4n],
    ['videos', 1n],
  ] as const)
    await setQuota(stack.database, { ...costQuota(team.teamId, hard), metric });
  testKey = await newTestKey();
});
afterAll(async () => {
  await stack?.close();
  await rehearsal?.close();
});

async function newTestKey(): Promise<Team> {
  const key = await createKey(
    { db: stack.database.db, pepper: PEPPER },
    { teamId: team.teamId, kind: 'test', name: 'rehearsal' },
  );
  return { teamId: team.teamId, keyId: key.id, secret: key.secret };
}

const creates = async () =>
  [(await stack.simulator.truth()).totals.creates, (await rehearsal.truth()).totals.creates] as const;

async function completed(id: string) {
  await vi.waitUntil(
    async () => (await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status === 'completed',
    {
      timeout: 30_000,
      interval: 50,
    },
  );
}

const spent = async () =>
  (
    await stack.database.db.$client.query(
      'select coalesce(sum(reserved + settled), 0)::int as n from quota_buckets',
    )
  ).rows[0].n;

describe('the videos of a test key', () => {
  test('are made by the upstream for tests, whole, at no price, and past every limit of the team', async () => {
    const before = await creates();
    const made = [];
    for (let n = 0; n < 3; n++)
      made.push(await stack.create(testKey, { model: 'sora-2', seconds: '8', prompt: `a kite ${n}` }));
    expect(made.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const { json } of made) await completed(json.id);
    expect(await creates()).toEqual([before[0], before[1] + 3]);
    const content = await stack.ask(testKey, 'GET', `/v1/videos/${made[0]?.json.id}/content`);
    expect([content.status, content.headers['content-type']]).toEqual([200, 'video/mp4']);

    expect(await spent()).toBe(0);
    const { rows } = await stack.database.db.$client.query(
      'select distinct is_test, est_micro::int, final_micro::int, upstream_account_id from videos',
    );
    expect(rows).toEqual([{ is_test: true, est_micro: 0, final_micro: 0, upstream_account_id: 'rehearsal' }]);
    // What the live key has is all there still, and exact.
    expect((await stack.create(team, { seconds: '4' })).status).toBe(200);
    expect((await stack.create(team, { seconds: '4' })).json.error.code).toBe('insufficient_quota');
    expect((await creates())[0]).toBe(before[0] + 1);
    expect((await checkLedger(stack.database)).mismatches).toEqual([]);
  });

  test('cost nothing in a quote and in the list of models, and keep the sizes and seconds of the real model', async () => {
    const quote = await stack.ask(testKey, 'POST', '/v1/videos/quote', {
      json: { model: 'sora-2', seconds: '12' },
    });
    expect(quote.json).toMatchObject({ cost_micro_usd: 0, accepted: true });
    const model = (await stack.ask(testKey, 'GET', '/v1/models/sora-2')).json;
    expect(Object.values(model.price_per_second_micro_usd)).toEqual([0, 0]);
    const refused = await stack.create(testKey, { seconds: '20' });
    expect(refused).toMatchObject({ status: 400, json: { error: { param: 'seconds' } } });
    expect((await stack.create(testKey, { model: 'sora-3' })).json.error.code).toBe('model_not_found');
  });

  test('are held by the limits of the key itself', async () => {
    const limited = await newTestKey();
    await setQuota(stack.database, {
      scopeKind: 'key',
      scopeId: limited.keyId,
      metric: 'videos',
      window: 'month',
      hard: 1n,
    });
    expect((await stack.create(limited)).status).toBe(200);
    expect((await stack.create(limited)).json.error.code).toBe('insufficient_quota');
  });

  test('are never the answer to a request of a live key, nor the source of a paid video', async () => {
    const other = await stack.addTeam();
    const rehearsing = await createKey(
      { db: stack.database.db, pepper: PEPPER },
      { teamId: other.teamId, kind: 'test', name: 'rehearsal' },
    );
    const same = { json: { prompt: 'the same kite' } };
    const first = (await stack.ask(rehearsing, 'POST', '/v1/videos', same)).json;
    await vi.waitUntil(
      async () => (await stack.ask(other, 'GET', `/v1/videos/${first.id}`)).json.status === 'completed',
      { timeout: 30_000, interval: 50 },
    );
    const reuse = { headers: { 'x-reelgate-reuse': 'true' } };
    expect((await stack.ask(rehearsing, 'POST', '/v1/videos', { ...same, ...reuse })).json.id).toBe(first.id);
    const live = await stack.ask(other, 'POST', '/v1/videos', { ...same, ...reuse });
    expect(live.status).toBe(200);
    expect(live.json.id).not.toBe(first.id);

    const remix = { json: { prompt: 'a red kite' } };
    const refused = await stack.ask(other, 'POST', `/v1/videos/${first.id}/remix`, remix);
    expect(refused).toMatchObject({
      status: 400,
      json: { error: { message: expect.stringContaining('test key') } },
    });
    const rehearsed = await stack.ask(rehearsing, 'POST', `/v1/videos/${first.id}/remix`, remix);
    expect(rehearsed.status).toBe(200);

    // The other way round: from a real video by its file, never at the upstream that has to be paid.
    await vi.waitUntil(
      async () => (await stack.ask(other, 'GET', `/v1/videos/${live.json.id}`)).json.status === 'completed',
      { timeout: 30_000, interval: 50 },
    );
    const before = await creates();
    const edit = await stack.ask(rehearsing, 'POST', '/v1/videos/edits', {
      json: { prompt: 'warmer', video: { id: live.json.id } },
    });
    expect(edit.status, edit.text).toBe(200);
    expect((await stack.ask(rehearsing, 'POST', `/v1/videos/${live.json.id}/remix`, remix)).status).toBe(400);
    expect(await creates()).toEqual([before[0], before[1] + 1]);
  });
});

test('without an upstream for tests, a test key is told so', async () => {
  const plain = await startStack();
  try {
    const { teamId } = await plain.addTeam();
    const key = await createKey(
      { db: plain.database.db, pepper: PEPPER },
      { teamId, kind: 'test', name: 'x' },
    );
    const refused = await plain.ask(key, 'POST', '/v1/videos', { json: { prompt: 'a kite' } });
    expect(refused).toMatchObject({
      status: 400,
      json: { error: { code: 'unsupported_operation', message: expect.stringContaining('test: true') } },
    });
  } finally {
    await plain.close();
  }
});
