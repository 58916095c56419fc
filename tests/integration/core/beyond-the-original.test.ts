import {
  type CallerContext,
  type CreateVideoInput,
  cancelVideo,
  createVideo,
  listVideos,
  type Principal,
  quoteVideo,
  setQuota,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

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

const asking = (prompt: string, more: Partial<CreateVideoInput> = {}): CreateVideoInput => ({
  model: 'sora-2',
  prompt,
  seconds: 4,
  size: '720x1280',
  params: {},
  ...more,
});

async function money() {
  const { rows } = await walk.database.db.$client.query(
    `select b.reserved::int, b.settled::int from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1`,
    [principal.teamId],
  );
  return rows[0];
}

describe('a quote', () => {
  const asked = { model: 'sora-2', seconds: 8, size: '1280x720' };

  test('tells the price and what is left, and reserves nothing', async () => {
    await setQuota(walk.database, {
      scopeKind: 'team',
      scopeId: principal.teamId,
      metric: 'cost',
      window: 'month',
      hard: 2_000_000n,
    });
    await createVideo(caller, asking('first'));
    const quote = await quoteVideo(caller, asked);
    expect(quote).toMatchObject({ costMicroUsd: 800_000n, refusal: null });
    expect(quote.limits).toMatchObject([
      { scopeKind: 'team', metric: 'cost', reserved: '400000', leftAfter: '800000' },
    ]);
    expect(await money()).toEqual({ reserved: 400_000, settled: 0 });
  });

  test('tells what would refuse it, in the words in which it is then refused', async () => {
    await setQuota(walk.database, {
      scopeKind: 'team',
      scopeId: principal.teamId,
      metric: 'cost',
      window: 'month',
      hard: 1_000_000n,
    });
    await createVideo(caller, asking('first'));
    const { refusal } = await quoteVideo(caller, asked);
    const refused = await createVideo(caller, asking('second', asked)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'insufficient_quota', message: (refused as Error).message });
  });
});

describe('cancel', () => {
  test('a video that no upstream has yet: given back and told', async () => {
    await setQuota(walk.database, {
      scopeKind: 'team',
      scopeId: principal.teamId,
      metric: 'cost',
      window: 'month',
      hard: 2_000_000n,
    });
    await walk.simulator.control('POST', 'rules', {
      match: { operation: 'create' },
      times: 1,
      behaviour: { rate_limited: true, retry_after: 60 },
    });
    const { video } = await createVideo(caller, asking('waiting'));
    expect(await money()).toEqual({ reserved: 400_000, settled: 0 });
    expect(await cancelVideo(caller, video.id)).toMatchObject({ state: 'failed', errorCode: 'cancelled' });
    expect(await money()).toEqual({ reserved: 0, settled: 0 });
    await expect(cancelVideo(caller, video.id)).rejects.toMatchObject({ code: 'not_cancellable' });
    expect((await walk.simulator.truth()).totals.creates).toBe(0);
  });

  test('one that its upstream has goes on; one of another team does not exist', async () => {
    const { video } = await createVideo(caller, asking('under way'));
    await expect(cancelVideo(caller, video.id)).rejects.toMatchObject({ code: 'not_cancellable' });
    const stranger: CallerContext = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
    await expect(cancelVideo(stranger, video.id)).rejects.toMatchObject({ code: 'video_not_found' });
  });
});

describe('list', () => {
  test('filters by status, model, time and labels, and pages through what is left', async () => {
    const spring = [];
    for (const number of ['1', '2', '3']) {
      spring.push(
        (await createVideo(caller, asking(`spring ${number}`, { metadata: { campaign: 'spring', number } })))
          .video.id,
      );
    }
    const failed = (
      await createVideo(
        caller,
        asking('autumn [[sim fail=moderation]]', { metadata: { campaign: 'autumn' } }),
      )
    ).video.id;
    await walk.drive(failed);
    const ids = async (request: Partial<Parameters<typeof listVideos>[1]>) =>
      (await listVideos(caller, { order: 'asc', limit: 10, ...request })).videos.map((video) => video.id);

    expect(await ids({})).toEqual([...spring, failed]);
    expect(await ids({ metadata: { campaign: 'spring' } })).toEqual(spring);
    expect(await ids({ metadata: { campaign: 'spring', number: '2' } })).toEqual([spring[1]]);
    expect(await ids({ status: 'failed' })).toEqual([failed]);
    expect(await ids({ status: 'completed' })).toEqual([]);
    expect(await ids({ model: 'sora-2-pro' })).toEqual([]);
    expect(await ids({ operation: 'remix' })).toEqual([]);
    expect(await ids({ createdBefore: new Date(Date.now() - 60_000) })).toEqual([]);
    const first = await listVideos(caller, { order: 'desc', limit: 2, metadata: { campaign: 'spring' } });
    expect(first).toMatchObject({ hasMore: true, videos: [{ id: spring[2] }, { id: spring[1] }] });
    const last = await listVideos(caller, {
      order: 'desc',
      limit: 2,
      metadata: { campaign: 'spring' },
      after: spring[1],
    });
    expect(last).toMatchObject({ hasMore: false, videos: [{ id: spring[0] }] });
  });
});
