/** An upstream whose account cannot pay: it is not asked by every video, and everybody is told what holds. */
import { randomUUID } from 'node:crypto';
import { type CallerContext, createVideo, submitVideo } from '@reelgate/core';
import { seedTeam, startWalk, TEST_ACCOUNT, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

const request = { model: 'sora-2', prompt: 'a kite over the sea', seconds: 4, size: '720x1280', params: {} };
const HELD = { code: 'service_unavailable', message: expect.stringContaining('out of credit') };

let walk: Walk;
let caller: CallerContext;
beforeAll(async () => {
  walk = await startWalk();
});
afterAll(() => walk.close());
beforeEach(async () => {
  await walk.simulator.control('POST', 'reset');
  await query('update upstream_accounts set credit_probe_at = null');
  caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
});

const query = async (text: string, values: unknown[] = []) =>
  (await walk.database.db.$client.query(text, values)).rows;
const setCredit = (credit: 'none' | 'enough', code = 'insufficient_quota') =>
  walk.simulator.control('PUT', 'defaults', credit === 'none' ? { refuse: 429, refuse_code: code } : {});
const create = () => createVideo(caller, request);
const knocks = async () => (await walk.simulator.truth()).totals.refused;
/** As if the time were over for which the account is sent nothing. */
const passHold = () =>
  query("update upstream_accounts set credit_probe_at = clock_timestamp() - interval '1 ms'");
const videos = () => query('select state, charge from videos where team_id = $1', [caller.principal.teamId]);

test.each(['insufficient_quota', 'monthly_spend_limit_exceeded', 'credit_balance_exhausted'])(
  'after one refusal with %s nobody knocks any more, and new videos are refused before anything is reserved',
  async (code) => {
    await setCredit('none', code);
    const { video } = await create();
    for (let n = 0; n < 3; n++) {
      await expect(create()).rejects.toMatchObject({
        ...HELD,
        details: { param: 'model', retryAfterSeconds: expect.closeTo(300, -1) },
      });
    }
    // Nor does the one that waits.
    await query('update videos set next_action_at = clock_timestamp() where id = $1', [video.id]);
    expect(await submitVideo(walk.ctx, video.id)).toMatchObject({ kind: 'snooze' });
    expect(await knocks()).toBe(1);
    expect(await videos()).toEqual([{ state: 'accepted', charge: 'open' }]);
  },
);

test('who asks again for a video that was accepted before gets it', async () => {
  await setCredit('none');
  const identity = { idempotencyKey: randomUUID(), retryCount: 0 };
  const { video } = await createVideo(caller, request, identity);
  expect(await createVideo(caller, request, identity)).toMatchObject({
    replayed: true,
    video: { id: video.id },
  });
});

test('now and then one create finds out: while there is no credit it waits, and afterwards all go on', async () => {
  await setCredit('none');
  await create();
  await passHold();
  const probes = await Promise.allSettled([create(), create(), create(), create()]);
  expect(probes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await knocks()).toBe(2);
  await expect(create()).rejects.toMatchObject(HELD);

  await setCredit('enough');
  await expect(create()).rejects.toMatchObject(HELD);
  await passHold();
  await create();
  await Promise.all([create(), create()]);
  expect((await walk.simulator.truth()).totals.creates).toBe(3);
});

test('an answer to what was sent before the refusal says nothing of credit', async () => {
  await walk.simulator.control('PUT', 'defaults', { delay_ms: 1_000 });
  const before = create();
  await vi.waitFor(async () => expect((await walk.simulator.truth()).totals.creates).toBe(1), 10_000);
  await setCredit('none');
  await create();
  const { video } = await before;
  expect(await walk.facts(video.id)).toMatchObject({ state: 'rendering' });
  await expect(create()).rejects.toMatchObject(HELD);
});

test('a video that waits is the probe where no new one comes', async () => {
  await setCredit('none');
  const { video } = await create();
  await setCredit('enough');
  await query('update videos set next_action_at = clock_timestamp() where id = $1', [video.id]);
  await passHold();
  await submitVideo(walk.ctx, video.id);
  expect(await walk.facts(video.id)).toMatchObject({ state: 'rendering' });
  expect(await query('select credit_probe_at from upstream_accounts where id = $1', [TEST_ACCOUNT])).toEqual([
    { credit_probe_at: null },
  ]);
});

test('what has waited for credit for too long fails with that, and gives its money back', async () => {
  await setCredit('none');
  const { video } = await create();
  await query(
    "update videos set next_action_at = clock_timestamp(), created_at = created_at - interval '11 minutes' where id = $1",
    [video.id],
  );
  await submitVideo(walk.ctx, video.id);
  expect(await videos()).toEqual([{ state: 'failed', charge: 'released' }]);
  const [row] = await query('select error_code, error_message from videos where id = $1', [video.id]);
  expect(row).toEqual({
    error_code: 'upstream_unavailable',
    error_message: expect.stringContaining('out of credit'),
  });
});
