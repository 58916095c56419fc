import { createVideo, type WorkerContext } from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { startArchiving } from '@reelgate/worker/archiving';
import { startPolling } from '@reelgate/worker/polling';
import { startReconciler } from '@reelgate/worker/reconciler';
import { createRegistry } from '@reelgate/worker/registry';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

let walk: Walk;
beforeAll(async () => {
  walk = await startWalk();
});
afterAll(() => walk.close());

test('without a queue, a download that does not end keeps no other video from its end', async () => {
  const caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
  const create = async (prompt: string) =>
    (await createVideo(caller, { model: 'sora-2', prompt, seconds: 4, size: '720x1280', params: {} })).video
      .id;
  const endless = await create('endless [[sim bytes_per_second=1]]');
  expect((await walk.drive(endless, ['archiving'])).state).toBe('archiving');

  const ctx: WorkerContext = {
    ...walk.ctx,
    ports: {
      ...walk.ctx.ports,
      jobs: { enqueue: () => Promise.reject(new Error('the queue is away')) },
    },
  };
  const archiving = startArchiving(ctx, { lanes: 4 });
  const registry = createRegistry(ctx, archiving);
  const reconciler = startReconciler({ ctx, registry, intervalMs: 100 });
  const polling = startPolling(ctx);
  try {
    await vi.waitFor(
      async () => {
        const { rows } = await walk.database.db.$client.query(
          'select lease_until > clock_timestamp() as held from videos where id = $1',
          [endless],
        );
        expect(rows).toEqual([{ held: true }]);
      },
      { timeout: 10_000 },
    );
    const other = await create('another one');
    await vi.waitFor(async () => expect((await walk.facts(other)).state).toBe('stored'), { timeout: 30_000 });
    expect((await walk.facts(endless)).state).toBe('archiving');
  } finally {
    // The holder of the endless one stops when it has lost its lease.
    await walk.database.db.$client
      .query(`update videos set lease_epoch = lease_epoch + 1, next_action_at = null where id = $1`, [
        endless,
      ])
      .catch(() => undefined);
    await Promise.all([reconciler.stop(), polling.stop(), archiving.stop()]);
  }
});
