import { Readable } from 'node:stream';
import {
  applyRetention,
  checkStoredObjects,
  collectGarbage,
  createVideo,
  eraseUpstreamCopies,
  noteFault,
  pollAccount,
  purgeVideo,
  rebuildAssets,
  resolveSubmission,
  setRetention,
  surveyAccount,
  watchVideos,
} from '@reelgate/core';
import { seedTeam, startWalk, TEST_ACCOUNT, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

let walk: Walk;
let logged: { event: string; fields: Record<string, unknown> }[] = [];
beforeAll(async () => {
  walk = await startWalk({
    upstream: { pollIntervalMs: 50, erasesStored: true },
    timing: { searchMs: 0, garbageGraceMs: 0 },
    onLog: (event, fields = {}) => logged.push({ event, fields }),
  });
});
afterAll(() => walk.close());
beforeEach(() => {
  logged = [];
});

const query = async <T extends object>(sql: string, ...values: unknown[]): Promise<T[]> =>
  (await walk.database.db.$client.query<T>(sql, values)).rows;

async function create(directive = '') {
  const caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
  const request = {
    model: 'sora-2',
    prompt: `a kite [[sim render_ms=50 ${directive}]]`,
    seconds: 4,
    size: '720x1280',
  };
  const { video } = await createVideo(
    caller,
    { ...request, params: {} },
    { idempotencyKey: null, retryCount: 0 },
  );
  return { id: video.id, teamId: caller.principal.teamId };
}
const stored = async (directive = '') => {
  const video = await create(directive);
  expect((await walk.drive(video.id)).state).toBe('stored');
  return video;
};
const happened = (event: string, videoId: string) =>
  logged.filter((line) => line.event === event && line.fields.videoId === videoId).length;

test('a video at which work always throws waits longer each time, is set aside at the tenth, and is never dropped', async () => {
  const { id } = await create('stuck');
  const waits: number[] = [];
  for (let n = 0; n < 10; n++) {
    await query(
      `update videos set lease_owner = $2, lease_until = clock_timestamp() + interval '1 minute' where id = $1`,
      id,
      walk.ctx.owner,
    );
    await noteFault(walk.ctx, id, new Error('poison'));
    const [row] = await query<{ wait: number }>(
      'select extract(epoch from next_action_at - clock_timestamp())::float8 as wait from videos where id = $1',
      id,
    );
    waits.push(Math.round(row?.wait ?? 0));
  }
  expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(Math.max(...waits)).toBeLessThanOrEqual(900);
  expect(happened('video.quarantined', id)).toBe(1);
  await query('update videos set next_action_at = clock_timestamp() where id = $1', id);
  await query(`update account_polls set polled_at = 'epoch'`);
  await pollAccount(walk.ctx, TEST_ACCOUNT);
  const [row] = await query(
    'select state, quarantined_at is not null as aside from videos where id = $1',
    id,
  );
  expect(row).toEqual({ state: 'rendering', aside: true });
  await query('update videos set next_action_at = null where id = $1', id);
});

test('a fault of a holder that has lost the video counts for nothing', async () => {
  const { id } = await create('stuck');
  await query(`update videos set lease_owner = 'another' where id = $1`, id);
  await noteFault(walk.ctx, id, new Error('late'));
  expect(await query('select faults from videos where id = $1', id)).toEqual([{ faults: 0 }]);
  await query('update videos set next_action_at = null where id = $1', id);
});

describe('a render that does not end', () => {
  const impatient = () => ({ ...walk.ctx, timing: { ...walk.ctx.timing, renderMs: 0 } });
  const turn = async (ctx = walk.ctx) => {
    await query(`update account_polls set polled_at = 'epoch'`);
    await pollAccount(ctx, TEST_ACCOUNT);
  };

  test('is told of after two hours, once', async () => {
    const { id } = await create('stuck');
    await query(`update videos set submitted_at = clock_timestamp() - interval '3 hours' where id = $1`, id);
    await watchVideos(walk.ctx);
    await watchVideos(walk.ctx);
    expect(happened('render.overdue', id)).toBe(1);
    await query('update videos set next_action_at = null where id = $1', id);
  });

  test('fails in the end with its reservation held, and lives again when it ends after all', async () => {
    const { id } = await create('render_ms=1500');
    await turn(impatient());
    expect(await walk.facts(id)).toMatchObject({ state: 'failed', error_code: 'upstream_timeout' });
    await vi.waitFor(
      async () => {
        await query('update videos set next_action_at = clock_timestamp() where id = $1', id);
        await resolveSubmission(walk.ctx, id);
        expect((await walk.facts(id)).state).toBe('rendering');
      },
      { timeout: 10_000, interval: 300 },
    );
    expect((await walk.drive(id)).state).toBe('stored');
  });

  test('gives its reservation back at the horizon', async () => {
    const { id } = await create('stuck');
    await turn(impatient());
    expect((await walk.facts(id)).state).toBe('failed');
    await query(
      `update videos set next_action_at = clock_timestamp(), submitted_at = clock_timestamp() - interval '26 hours' where id = $1`,
      id,
    );
    expect(await walk.drive(id)).toMatchObject({ state: 'failed', next_action_at: null });
    expect(await query(`select final_micro from videos where id = $1`, id)).toEqual([{ final_micro: null }]);
  });
});

test('a finished video that is in danger is told of once, with its cost', async () => {
  const { id } = await create();
  await walk.drive(id, ['archiving']);
  await query(
    `update videos set archive_deadline_at = clock_timestamp() + interval '5 minutes' where id = $1`,
    id,
  );
  await watchVideos(walk.ctx);
  await watchVideos(walk.ctx);
  expect(logged.filter(({ event }) => event === 'video.at_risk')).toMatchObject([
    { fields: { videoId: id, costMicroUsd: '400000' } },
  ]);
  expect(
    await query(`select count(*)::int from events where video_id = $1 and type = 'video.at_risk'`, id),
  ).toEqual([{ count: 1 }]);
  await walk.drive(id);
});

test('what the upstream shows and nothing explains is noted, but not what was there before us', async () => {
  const made = async (prompt: string) => {
    const answer = await fetch(`${walk.simulator.baseUrl}/videos`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sora-2', prompt, seconds: '4', size: '720x1280' }),
    });
    return ((await answer.json()) as { id: string }).id;
  };
  await query(`update upstream_accounts set created_at = clock_timestamp() - interval '1 hour'`);
  const before = await made('before [[sim clock_skew_s=-7200]]');
  const orphan = await made('an orphan [[sim clock_skew_s=-1800]]');
  const fresh = await made('perhaps of a create that is under way');
  const { id } = await stored();
  await surveyAccount(walk.ctx, TEST_ACCOUNT);
  const rows = await query<{ upstream_id: string; state: string; snapshot: { prompt: string } }>(
    'select * from upstream_orphans',
  );
  expect(rows.map((row) => [row.upstream_id, row.state])).toEqual([[orphan, 'seen']]);
  expect(rows.map((row) => row.upstream_id)).not.toContain([
    before,
    fresh,
    (await walk.facts(id)).upstream_id,
  ]);
  expect(logged.filter(({ event }) => event === 'upstream.orphan')).toHaveLength(1);
});

test('retention deletes what is old enough, of teams that have a rule, but nothing on hold', async () => {
  const [old, young, held, unruled] = [await stored(), await stored(), await stored(), await stored()];
  for (const { teamId } of [old, young, held]) await setRetention(walk.ctx, teamId, 30);
  await query(`update videos set stored_at = clock_timestamp() - interval '31 days' where id = any($1)`, [
    old.id,
    held.id,
    unruled.id,
  ]);
  await query('update videos set legal_hold_at = clock_timestamp() where id = $1', held.id);
  expect(await applyRetention(walk.ctx)).toBe(1);
  expect((await walk.drive(old.id)).state).toBe('purged');
  for (const { id } of [young, held, unruled]) expect((await walk.facts(id)).delete_requested_at).toBeNull();
});

test('a deleted video keeps its bytes while the deletion can be undone, and longer while it is on hold', async () => {
  const { id } = await stored();
  await query(
    `update videos set delete_requested_at = clock_timestamp(), next_action_at = clock_timestamp() where id = $1`,
    id,
  );
  const patient = { ...walk.ctx, timing: { ...walk.ctx.timing, undoMs: 3_600_000 } };
  await purgeVideo(patient, id);
  const [row] = await query<{ state: string; wait: number }>(
    'select state, extract(epoch from next_action_at - clock_timestamp())::float8 as wait from videos where id = $1',
    id,
  );
  expect(row?.state).toBe('stored');
  expect(row?.wait).toBeGreaterThan(3_500);
  await query(
    'update videos set legal_hold_at = clock_timestamp(), next_action_at = clock_timestamp() where id = $1',
    id,
  );
  await purgeVideo(walk.ctx, id);
  expect((await walk.facts(id)).state).toBe('stored');
  await query('update videos set legal_hold_at = null, next_action_at = clock_timestamp() where id = $1', id);
  expect((await walk.drive(id)).state).toBe('purged');
});

test('the upstream’s copy is erased once the video is stored, not while one is made from it', async () => {
  const { id } = await stored();
  const { upstream_id: upstreamId } = await walk.facts(id);
  const there = async () => (await fetch(`${walk.simulator.baseUrl}/videos/${upstreamId}`)).status;
  const child = await create('stuck');
  await query(
    'update videos set parent_id = $1, team_id = (select team_id from videos where id = $1), key_id = (select key_id from videos where id = $1) where id = $2',
    id,
    child.id,
  );
  await eraseUpstreamCopies(walk.ctx);
  expect(await there()).toBe(200);
  await query('update videos set parent_id = null, next_action_at = null where id = $1', child.id);
  await eraseUpstreamCopies(walk.ctx);
  expect(await there()).toBe(404);
  expect(await query('select upstream_copy from videos where id = $1', id)).toEqual([
    { upstream_copy: 'erased' },
  ]);
});

test('garbage is what a row has elsewhere or has given up; what no row explains stays', async () => {
  const { objects } = walk.ctx.ports;
  const [kept, gone] = [await stored(), await stored()];
  await query(
    `update videos set delete_requested_at = clock_timestamp(), next_action_at = clock_timestamp() where id = $1`,
    gone.id,
  );
  await walk.drive(gone.id);
  const put = async (key: string) => {
    await objects.put(key, Readable.from(['bytes']), { contentType: 'video/mp4' });
    return key;
  };
  const garbage = [
    await put(`v/00/${kept.id}/video/999.mp4`),
    await put(`v/00/${gone.id}/video/999.mp4`),
    await put(`u/00/video_never_accepted/input_reference`),
  ];
  const unexplained = await put('v/00/video_of_a_later_backup/video/1.mp4');
  await collectGarbage(walk.ctx);
  for (const key of garbage) expect(await objects.head(key)).toBeNull();
  expect(await objects.head(unexplained)).not.toBeNull();
  const [asset] = await query<{ object_key: string }>(
    'select object_key from assets where video_id = $1',
    kept.id,
  );
  expect(await objects.head(asset?.object_key ?? '')).not.toBeNull();
  await objects.delete(unexplained);
});

test('the rows of stored files are made again from the store alone', async () => {
  const { id } = await stored();
  const before = await query(
    'select variant, object_key, bytes, sha256, content_type from assets where video_id = $1 order by variant',
    id,
  );
  await query('delete from assets where video_id = $1', id);
  await collectGarbage(walk.ctx);
  expect(await rebuildAssets(walk.ctx)).toMatchObject({ rebuilt: 3, damaged: 0 });
  expect(
    await query(
      'select variant, object_key, bytes, sha256, content_type from assets where video_id = $1 order by variant',
      id,
    ),
  ).toEqual(before);
  expect(await rebuildAssets(walk.ctx)).toMatchObject({ rebuilt: 0 });
});

test('stored objects are read again, and one that is gone or has other bytes is told of', async () => {
  const { objects } = walk.ctx.ports;
  const [well, changed, gone, deleted] = [await stored(), await stored(), await stored(), await stored()];
  const keyOf = async ({ id }: { id: string }) =>
    (
      await query<{ key: string }>(
        `select object_key as key from assets where video_id = $1 and variant = 'video'`,
        id,
      )
    )[0]?.key ?? '';
  await query("update assets set verified_at = 'epoch' where state = 'stored'");
  await objects.put(await keyOf(changed), Readable.from(['other bytes']), { contentType: 'video/mp4' });
  await objects.delete(await keyOf(gone));
  await objects.delete(await keyOf(deleted));
  await query("update assets set state = 'deleted' where video_id = $1", deleted.id);
  for (const video of [well, changed, gone, deleted]) await checkStoredObjects(walk.ctx, video.id);
  expect(happened('object.corrupted', changed.id)).toBeGreaterThan(0);
  expect(happened('object.missing', gone.id)).toBeGreaterThan(0);
  for (const { id } of [well, deleted])
    expect([happened('object.corrupted', id), happened('object.missing', id)]).toEqual([0, 0]);
  expect(
    await query('select variant from assets where video_id = $1 and verified_at > $2', well.id, new Date(0)),
  ).toHaveLength(3);
});
