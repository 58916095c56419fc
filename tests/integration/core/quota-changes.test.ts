/** Limits that change while videos are accepted and finished. */
import {
  type CallerContext,
  createVideo,
  type Principal,
  setQuota,
  updateOrganization,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

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

test('a period goes on to its end when the time zone changes, and with it what was used', async () => {
  await setQuota(walk.database, { ...quota(), hard: COST });
  await createVideo(caller, request);
  await updateOrganization(walk.database, { timeZone: 'Pacific/Kiritimati' });
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
    // Reserved and ended; where it was released first, it is settled after all.
    expect(rows[0].entries).toBeGreaterThanOrEqual(2);
  });
});
