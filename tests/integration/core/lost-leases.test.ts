/** Holders that fall asleep, and two that believe they hold the same video. */
import {
  archiveVideo,
  type CallerContext,
  createVideo,
  deleteVideo,
  findContent,
  listAnyOverdueVideos,
  type ObjectStore,
  pollVideo,
  type WorkerContext,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

let walk: Walk;
let caller: CallerContext;

beforeAll(async () => {
  walk = await startWalk();
});
afterAll(() => walk.close());
beforeEach(async () => {
  await walk.simulator.control('POST', 'reset');
  caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
});

async function archiving(prompt: string): Promise<string> {
  const { video } = await createVideo(caller, {
    model: 'sora-2',
    prompt,
    seconds: 4,
    size: '720x1280',
    params: {},
  });
  expect((await walk.drive(video.id, ['archiving'])).state).toBe('archiving');
  return video.id;
}

/** The lease runs out although its holder believes that it has it: as when its process was stopped for a while. */
const expireLease = (videoId: string) =>
  walk.database.db.$client.query(
    `update videos set lease_until = clock_timestamp() - interval '1 second' where id = $1`,
    [videoId],
  );

/** Stops the holder where its bytes of the video are in the store and no row says so yet. */
function sleepyAfterPut(): { ctx: WorkerContext; stored: Promise<string>; wake: () => void } {
  const stored = Promise.withResolvers<string>();
  const waking = Promise.withResolvers<void>();
  const { objects } = walk.ctx.ports;
  const sleepy: ObjectStore = {
    ...objects,
    bucket: objects.bucket,
    put: async (key, body, options) => {
      const result = await objects.put(key, body, options);
      stored.resolve(key);
      await waking.promise;
      return result;
    },
    delete: (key) => objects.delete(key),
  };
  return {
    ctx: { ...walk.ctx, owner: 'sleepy', ports: { ...walk.ctx.ports, objects: sleepy } },
    stored: stored.promise,
    wake: waking.resolve,
  };
}

const eventsOf = async (videoId: string) =>
  (
    await walk.database.db.$client.query(
      "select type from events where video_id = $1 and type in ('video.completed', 'video.failed')",
      [videoId],
    )
  ).rows.map((row) => row.type);

describe('an archive whose holder fell asleep', () => {
  test('is finished by another one; the sleeper changes nothing and takes its bytes away', async () => {
    const id = await archiving('sleeper');
    const { ctx, stored, wake } = sleepyAfterPut();
    const sleeping = archiveVideo(ctx, id).catch((error: unknown) => error);
    const key = await stored;
    await expireLease(id);
    expect((await walk.drive(id)).state).toBe('stored');
    const before = await findContent(caller, id, 'video');
    wake();
    await sleeping;
    expect(await findContent(caller, id, 'video')).toEqual(before);
    expect(before.objectKey).not.toBe(key);
    expect(await walk.ctx.ports.objects.head(key)).toBeNull();
    expect(await walk.ctx.ports.objects.head(before.objectKey)).not.toBeNull();
    expect(await eventsOf(id)).toEqual(['video.completed']);
  });

  test('and whose video was deleted and purged meanwhile: nothing comes back', async () => {
    const id = await archiving('deleted behind its back');
    const { ctx, stored, wake } = sleepyAfterPut();
    const sleeping = archiveVideo(ctx, id).catch((error: unknown) => error);
    const key = await stored;
    await expireLease(id);
    await deleteVideo(caller, id);
    expect((await walk.drive(id)).state).toBe('purged');
    wake();
    await sleeping;
    expect(await walk.ctx.ports.objects.head(key)).toBeNull();
    const { rows } = await walk.database.db.$client.query('select state from assets where video_id = $1', [
      id,
    ]);
    for (const row of rows) expect(row.state).toBe('deleted');
  });

  test('cannot be taken over between the look at the lease and the row of the bytes', async () => {
    const id = await archiving('in between');
    const { $client } = walk.database.db;
    // Holds every insert of an asset up, so that a second holder has all the time to come.
    const blocker = await $client.connect();
    try {
      await blocker.query('begin');
      await blocker.query('lock table assets in share mode');
      const first = archiveVideo({ ...walk.ctx, owner: 'first' }, id).catch((error: unknown) => error);
      await vi.waitFor(
        async () => {
          const { rows } = await $client.query(
            `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'insert into "assets"%'`,
          );
          expect(rows).toHaveLength(1);
        },
        { timeout: 5_000 },
      );
      const taken = $client.query(
        `update videos set lease_epoch = lease_epoch + 1, lease_until = null where id = $1`,
        [id],
      );
      const outcome = await Promise.race([
        taken.then(() => 'taken over'),
        vi
          .waitFor(async () => {
            const { rows } = await $client.query(
              `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'update videos set lease_epoch%'`,
            );
            expect(rows).toHaveLength(1);
          })
          .then(() => 'waits'),
      ]);
      expect(outcome).toBe('waits');
      await blocker.query('commit');
      await Promise.all([taken, first]);
    } finally {
      blocker.release();
    }
    expect((await walk.drive(id)).state).toBe('stored');
  });
});

test('two polls of one finished render settle and archive it once', async () => {
  const { video } = await createVideo(caller, {
    model: 'sora-2',
    prompt: 'seen twice',
    seconds: 4,
    size: '720x1280',
    params: {},
  });
  await walk.drive(video.id, ['archiving']);
  await Promise.all(Array.from({ length: 5 }, () => pollVideo(walk.ctx, video.id)));
  expect((await walk.drive(video.id)).state).toBe('stored');
  expect(await eventsOf(video.id)).toEqual(['video.completed']);
});

test('a backlog of purges does not hide a submission whose sender died', async () => {
  const [stored, lost] = [await archiving('one of many'), await archiving('sender died')];
  const { $client } = walk.database.db;
  const overdue = `clock_timestamp() - interval '1 minute'`;
  await walk.drive(stored);
  await $client.query(
    `update videos set next_action_at = ${overdue}, lease_until = null, delete_requested_at = ${overdue} where id = $1`,
    [stored],
  );
  await $client.query(
    `insert into videos (id, team_id, key_id, operation, model, upstream_account_id, upstream_model, prompt, full_fp, visible_fp,
                         seconds, billed_seconds, size, state, price_id, unit_price_micro, est_micro, next_action_at)
     select 'video_lost', team_id, key_id, operation, model, upstream_account_id, upstream_model, prompt, full_fp, visible_fp,
            seconds, billed_seconds, size, 'submitting', price_id, unit_price_micro, est_micro, ${overdue} from videos where id = $1`,
    [lost],
  );
  const found = await listAnyOverdueVideos(walk.database.db, 2_000, 1);
  expect(found.map((video) => video.id)).toEqual(expect.arrayContaining([stored, 'video_lost']));
  await $client.query(`delete from videos where id = 'video_lost'`);
});

test('a hint beside the one that waits comes to its end', async () => {
  const { video } = await createVideo(caller, {
    model: 'sora-2',
    prompt: 'one chain of hints [[sim stuck]]',
    seconds: 4,
    size: '720x1280',
    params: {},
  });
  await walk.database.db.$client.query(
    `update videos set next_action_at = clock_timestamp() + interval '30 seconds' where id = $1`,
    [video.id],
  );
  expect(await pollVideo(walk.ctx, video.id)).toEqual({ kind: 'done' });
  await walk.database.db.$client.query(
    `update videos set next_action_at = clock_timestamp() + interval '1 second' where id = $1`,
    [video.id],
  );
  expect(await pollVideo(walk.ctx, video.id)).toMatchObject({ kind: 'snooze' });
});

describe('a holder whose work takes longer than its lease', () => {
  test('keeps the lease of a create while the upstream takes its time', async () => {
    const slow: CallerContext = { ...caller, timing: { ...caller.timing, leaseMs: 300 } };
    const { video } = await createVideo(slow, {
      model: 'sora-2',
      prompt: 'answered late [[sim delay_ms=1500]]',
      seconds: 4,
      size: '720x1280',
      params: {},
    });
    const { rows } = await walk.database.db.$client.query(
      'select state, lease_epoch::int as epoch, lease_until from videos where id = $1',
      [video.id],
    );
    expect(rows).toEqual([{ state: 'rendering', epoch: 1, lease_until: null }]);
  });

  test('loses it where the work makes no progress', async () => {
    const id = await archiving('stuck');
    const never: ObjectStore = {
      ...walk.ctx.ports.objects,
      bucket: walk.ctx.ports.objects.bucket,
      put: (_key, _body, { signal } = {} as never) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    };
    const stuck: WorkerContext = {
      ...walk.ctx,
      timing: { ...walk.ctx.timing, leaseMs: 150, stuckMs: 400 },
      ports: { ...walk.ctx.ports, objects: never },
    };
    await expect(archiveVideo(stuck, id)).rejects.toThrow('the work made no progress');
    expect((await walk.drive(id)).state).toBe('stored');
  });
});
