import { createUpstream } from '@reelgate/adapters/upstreams';
import { createVideo, pollAccount, type WorkerContext } from '@reelgate/core';
import { seedTeam, startSimulator, startWalk, TEST_ACCOUNT, type Walk } from '@reelgate/testkit';
import { startPolling } from '@reelgate/worker/polling';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

const upstream = {
  kind: 'openai',
  operations: ['create'],
  characters: false,
  videoUploads: false,
  variants: ['video'],
  lists: true,
  contentLifeMs: 3_600_000,
  pollIntervalMs: 300,
  chargesOnFailure: false,
} as const;

let walk: Walk;
beforeAll(async () => {
  walk = await startWalk({ upstream });
});
afterAll(() => walk.close());
beforeEach(async () => {
  await walk.database.db.$client.query("update videos set next_action_at = null where state <> 'stored'");
  await walk.simulator.control('POST', 'reset');
});

async function create(count: number, directive: string, ctx = walk.ctx): Promise<string[]> {
  const caller = { ...ctx, principal: await seedTeam(walk.database.db) };
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const request = { model: 'sora-2', prompt: `${n} [[sim ${directive}]]`, seconds: 4, size: '720x1280' };
    const identity = { idempotencyKey: null, retryCount: 0 };
    ids.push((await createVideo(caller, { ...request, params: {} }, identity)).video.id);
  }
  return ids;
}

const states = async (ids: readonly string[]) =>
  (
    await walk.database.db.$client.query<{ state: string; count: number }>(
      'select state, count(*)::int from videos where id = any($1) group by state order by state',
      [ids],
    )
  ).rows;

const calls = async () =>
  ((await walk.simulator.control('GET', 'truth')) as { requests: { counts: Record<string, number> } })
    .requests.counts;

async function turn(ctx: WorkerContext = walk.ctx): Promise<void> {
  await vi.waitFor(async () => expect(await pollAccount(ctx, TEST_ACCOUNT)).toBe(true), { timeout: 10_000 });
}

test('one list call answers for every render, and none is asked for by itself', async () => {
  const ids = await create(30, 'render_ms=400');
  await vi.waitFor(
    async () => {
      await pollAccount(walk.ctx, TEST_ACCOUNT);
      expect(await states(ids)).toEqual([{ state: 'archiving', count: 30 }]);
    },
    { timeout: 20_000 },
  );
  const counts = await calls();
  expect(counts.retrieve ?? 0).toBe(0);
  expect(counts.list).toBeLessThan(6);
});

test('the list is read again after one interval, though nothing that it has shown is due by itself', async () => {
  const [id = ''] = await create(1, 'stuck');
  await vi.waitFor(async () => {
    await pollAccount(walk.ctx, TEST_ACCOUNT);
    expect((await walk.facts(id)).started_at).not.toBeNull();
  }, 10_000);
  const due = (await walk.facts(id)).next_action_at?.getTime() ?? 0;
  await turn();
  const { rows } = await walk.database.db.$client.query<{ polled_at: Date }>(
    'select polled_at from account_polls where account_id = $1',
    [TEST_ACCOUNT],
  );
  expect(rows[0]?.polled_at.getTime()).toBeLessThan(due);
});

test('several workers share the turns of an account', async () => {
  const [id = ''] = await create(1, 'stuck');
  await vi.waitFor(
    async () => expect((await walk.facts(id)).next_action_at?.getTime()).toBeLessThan(Date.now()),
    10_000,
  );
  const turns = await Promise.all(
    ['a', 'b', 'c', 'd'].map((owner) => pollAccount({ ...walk.ctx, owner }, TEST_ACCOUNT)),
  );
  expect(turns.filter(Boolean)).toHaveLength(1);
});

test('what the list hides or cannot answer is looked at by itself', async () => {
  const [late = ''] = await create(1, 'render_ms=100 list_lag_s=600');
  await vi.waitFor(async () => {
    await pollAccount(walk.ctx, TEST_ACCOUNT);
    expect((await walk.facts(late)).state).toBe('archiving');
  }, 10_000);

  await walk.simulator.control('POST', 'rules', {
    match: { operation: 'list' },
    times: 100,
    behaviour: { refuse: 503 },
  });
  const [listless = ''] = await create(1, 'render_ms=100');
  await vi.waitFor(async () => {
    await pollAccount(walk.ctx, TEST_ACCOUNT);
    expect((await walk.facts(listless)).state).toBe('archiving');
  }, 10_000);
});

test('a render that failed is given its end from the list', async () => {
  const [id = ''] = await create(1, 'render_ms=100 fail=moderation fail_message="no boats"');
  await vi.waitFor(async () => {
    await pollAccount(walk.ctx, TEST_ACCOUNT);
    expect(await walk.facts(id)).toMatchObject({ state: 'failed', error_code: 'moderation_blocked' });
  }, 10_000);
});

test('whoever has taken a row since the list was read keeps it', async () => {
  const [id = ''] = await create(1, 'render_ms=100');
  await walk.database.db.$client.query(
    "update videos set lease_epoch = lease_epoch + 1, lease_until = clock_timestamp() + interval '1 minute' where id = $1",
    [id],
  );
  await vi.waitFor(async () => {
    const { data } = (await (await fetch(`${walk.simulator.baseUrl}/videos`)).json()) as {
      data: { status: string }[];
    };
    expect(data[0]?.status).toBe('completed');
  }, 10_000);
  await walk.database.db.$client.query(
    "update account_polls set polled_at = 'epoch', deep_polled_at = 'epoch'",
  );
  await turn();
  expect((await walk.facts(id)).state).toBe('rendering');
});

test('an upstream that does not answer delays no other', async () => {
  const hanging = await startSimulator();
  try {
    await hanging.control('PUT', 'defaults', { answer: 'hang' });
    await walk.database.db.$client.query(
      `insert into upstream_accounts (id, kind, base_url) values ('hanging', 'openai', 'http://127.0.0.1:9/v1') on conflict do nothing`,
    );
    const other = createUpstream({
      ...upstream,
      accountId: 'hanging',
      baseUrl: hanging.baseUrl,
      timeouts: { headersMs: 60_000 },
    });
    const ctx = {
      ...walk.ctx,
      ports: {
        ...walk.ctx.ports,
        upstreams: (id: string) => (id === 'hanging' ? other : walk.ctx.ports.upstreams(id)),
      },
    };
    const polling = startPolling(ctx);
    try {
      await vi.waitFor(async () => {
        const truth = (await hanging.control('GET', 'truth')) as {
          requests: { counts: Record<string, number> };
        };
        expect(truth.requests.counts.list).toBeGreaterThan(0);
      }, 10_000);
      const [id = ''] = await create(1, 'render_ms=100');
      await vi.waitFor(async () => expect((await walk.facts(id)).state).toBe('archiving'), 10_000);
    } finally {
      const stopped = polling.stop();
      await hanging.close();
      await other.close();
      await stopped;
    }
  } finally {
    await walk.database.db.$client.query("delete from account_polls where account_id = 'hanging'");
  }
});
