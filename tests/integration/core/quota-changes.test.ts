/** Limits that change while videos are accepted and finished. */
import { type CallerContext, createVideo, type Principal, setQuota } from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

const COST = 400_000n;
let walk: Walk;
let principal: Principal;
let caller: CallerContext;

beforeAll(async () => {
  walk = await startWalk();
});
afterAll(() => walk.close());
beforeEach(async () => {
  await walk.simulator.control('POST', 'reset');
  principal = await seedTeam(walk.database.db);
  caller = { ...walk.ctx, principal };
});

const request = { model: 'sora-2', prompt: 'a kite over the sea', seconds: 4, size: '720x1280', params: {} };
const quota = () =>
  ({ scopeKind: 'team', scopeId: principal.teamId, metric: 'cost', window: 'month' }) as const;

test('a limit lowered while the month begins holds from then on', async () => {
  // A video that has no reservation yet, for the one that is being accepted.
  const { video } = await createVideo(caller, request);
  await setQuota(walk.database, { ...quota(), hard: COST * 100n });
  const client = new pg.Client({ connectionString: walk.database.url });
  await client.connect();
  try {
    // The first video of the month is being accepted: its bucket exists for nobody else yet.
    await client.query('begin');
    await client.query(`select quota_reserve($1, $2, $3, 'org', $4)`, [
      video.id,
      principal.keyId,
      principal.teamId,
      { cost: COST.toString() },
    ]);
    const lowered = setQuota(walk.database, { ...quota(), hard: COST * 2n });
    const done = vi.fn();
    void lowered.then(done);
    await vi.waitFor(async () => {
      const { rows } = await client.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      expect(done.mock.calls.length + rows.length).toBeGreaterThan(0);
    });
    await client.query('commit');
    await lowered;
  } finally {
    await client.end();
  }
  await createVideo(caller, request);
  await expect(createVideo(caller, request)).rejects.toMatchObject({ code: 'insufficient_quota' });
});

test('a limit that is set again keeps its time zone, and with it what was used', async () => {
  await setQuota(walk.database, { ...quota(), hard: COST, timeZone: 'Pacific/Kiritimati' });
  await createVideo(caller, request);
  await setQuota(walk.database, { ...quota(), hard: COST });
  await expect(createVideo(caller, request)).rejects.toMatchObject({ code: 'insufficient_quota' });
});

describe('finishing a reservation', () => {
  test('many times at once books it once', async () => {
    await setQuota(walk.database, { ...quota(), hard: COST * 10n });
    const { video } = await createVideo(caller, request);
    const { $client } = walk.database.db;
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        $client.query('select quota_finish($1, $2)', [video.id, i % 2 ? { cost: COST.toString() } : null]),
      ),
    );
    const { rows } = await $client.query(
      `select b.reserved::int, b.settled::int, (select count(*)::int from quota_ledger g where g.bucket_id = b.id) as entries
         from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1`,
      [principal.teamId],
    );
    expect(rows[0].reserved).toBe(0);
    expect(rows[0].entries).toBe(2);
  });
});
