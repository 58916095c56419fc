import {
  type AdminContext,
  adoptVideo,
  checkLedger,
  createVideo,
  holdVideo,
  hurryVideo,
  ignoreOrphan,
  listOrphans,
  listParkedVideos,
  releaseVideo,
  restoreVideo,
  setQuota,
  settleVideo,
  unholdVideo,
} from '@reelgate/core';
import { seedTeam, startWalk, TEST_ACCOUNT, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let walk: Walk;
let admin: AdminContext;
beforeAll(async () => {
  walk = await startWalk();
  admin = {
    ...walk.ctx,
    principal: { kind: 'admin_key', id: 'ak_1', name: 'ops', email: null, role: 'admin', teamIds: [] },
    scope: 'all',
    actor: { kind: 'admin_key', id: 'ak_1', name: 'ops', requestId: null, ip: null },
  };
});
afterAll(() => walk.close());

const query = async <T extends object>(sql: string, ...values: unknown[]): Promise<T[]> =>
  (await walk.database.db.$client.query<T>(sql, values)).rows;

async function create(directive = '') {
  const principal = await seedTeam(walk.database.db);
  await setQuota(
    { db: walk.database.db },
    {
      scopeKind: 'team',
      scopeId: principal.teamId,
      metric: 'cost',
      window: 'month',
      hard: 10_000_000n,
    },
  );
  const { video } = await createVideo(
    { ...walk.ctx, principal },
    {
      model: 'sora-2',
      prompt: `a kite [[sim render_ms=50 ${directive}]]`,
      seconds: 4,
      size: '720x1280',
      params: {},
    },
    { idempotencyKey: null, retryCount: 0 },
  );
  return { id: video.id, teamId: principal.teamId };
}
const balance = async (teamId: string) =>
  (
    await query<{ reserved: string; settled: string }>(
      `select b.reserved, b.settled from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1 and l.metric = 'cost'`,
      teamId,
    )
  )[0];
const audited = async (target: string) =>
  (await query<{ action: string }>('select action from audit_log where target = $1 order by id', target)).map(
    ({ action }) => action,
  );

describe('a cost that nobody can know', () => {
  const parked = async () => {
    const video = await create('stuck');
    await query(
      `update videos set state = 'failed', next_action_at = null, error_code = 'upstream_outcome_unknown' where id = $1`,
      video.id,
    );
    await query('select quota_park($1)', video.id);
    return video;
  };

  test('is listed, and settled by hand with what the bill says', async () => {
    const { id, teamId } = await parked();
    expect((await listParkedVideos(admin, { teamId, after: null, limit: 10 })).videos).toMatchObject([
      { id, costMicroUsd: 400_000n },
    ]);
    await settleVideo(admin, id, { costMicroUsd: 300_000n, reason: 'the bill has it' });
    expect(await balance(teamId)).toEqual({ reserved: '0', settled: '300000' });
    expect(await query('select final_micro from videos where id = $1', id)).toEqual([
      { final_micro: '300000' },
    ]);
    await expect(settleVideo(admin, id, { costMicroUsd: 1n, reason: 'again' })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await audited(id)).toEqual(['video.settle']);
    expect((await listParkedVideos(admin, { teamId, after: null, limit: 10 })).videos).toEqual([]);
  });

  test('or given back', async () => {
    const { id, teamId } = await parked();
    await releaseVideo(admin, id, 'not on the bill');
    expect(await balance(teamId)).toEqual({ reserved: '0', settled: '0' });
    expect(await audited(id)).toEqual(['video.release']);
  });

  test('of a video that renders is nobody’s to decide', async () => {
    const { id } = await create('stuck');
    await expect(releaseVideo(admin, id, 'no')).rejects.toMatchObject({ code: 'conflict' });
    expect(await audited(id)).toEqual([]);
    await query('update videos set next_action_at = null where id = $1', id);
  });
});

test('another team’s administrator finds no video', async () => {
  const { id } = await create('stuck');
  const manager = { ...admin, scope: ['team_of_somebody'] };
  for (const act of [
    () => holdVideo(manager, id, 'x'),
    () => restoreVideo(manager, id),
    () => releaseVideo(manager, id, 'x'),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'video_not_found' });
  await query('update videos set next_action_at = null where id = $1', id);
});

test('a hold is put and lifted; a deletion is undone until the bytes begin to go', async () => {
  const { id } = await create();
  await walk.drive(id);
  await holdVideo(admin, id, 'a lawsuit');
  expect(await query('select legal_hold_reason from videos where id = $1', id)).toEqual([
    { legal_hold_reason: 'a lawsuit' },
  ]);
  await query(
    'update videos set delete_requested_at = clock_timestamp(), deleted_at = clock_timestamp(), next_action_at = clock_timestamp() where id = $1',
    id,
  );
  await restoreVideo(admin, id);
  expect(await walk.facts(id)).toMatchObject({
    state: 'stored',
    delete_requested_at: null,
    next_action_at: null,
  });
  await expect(restoreVideo(admin, id)).rejects.toMatchObject({ code: 'conflict' });
  await unholdVideo(admin, id);
  await query(
    'update videos set delete_requested_at = clock_timestamp(), next_action_at = clock_timestamp() where id = $1',
    id,
  );
  await query(`update assets set state = 'deleted' where video_id = $1`, id);
  await expect(restoreVideo(admin, id)).rejects.toMatchObject({ code: 'conflict' });
  expect(await audited(id)).toEqual(['video.hold', 'video.restore', 'video.unhold']);
});

test('a video that was set aside is tried again', async () => {
  const { id } = await create();
  await walk.drive(id, ['archiving']);
  await query('update videos set quarantined_at = clock_timestamp(), faults = 10 where id = $1', id);
  await hurryVideo(admin, id, 'video.retry_archiving');
  expect((await walk.drive(id)).state).toBe('stored');
  await expect(hurryVideo(admin, id, 'video.poll')).rejects.toMatchObject({ code: 'conflict' });
});

test('an orphan is adopted into a team, archived and paid for; another is ignored', async () => {
  const make = async (prompt: string) =>
    (
      (await (
        await fetch(`${walk.simulator.baseUrl}/videos`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'sora-2', prompt, seconds: '8', size: '1280x720' }),
        })
      ).json()) as { id: string }
    ).id;
  const [wanted, unwanted] = [await make('a kite from before'), await make('a test of somebody')];
  for (const id of [wanted, unwanted])
    await query(
      `insert into upstream_orphans (account_id, upstream_id, snapshot) values ($1, $2, '{}')`,
      TEST_ACCOUNT,
      id,
    );
  const { teamId } = await seedTeam(walk.database.db);
  await setQuota(
    { db: walk.database.db },
    { scopeKind: 'team', scopeId: teamId, metric: 'cost', window: 'month', hard: 1_000_000n },
  );
  const place = (upstreamId: string) => ({ accountId: TEST_ACCOUNT, upstreamId });
  const id = await adoptVideo(admin, place(wanted), { teamId, reason: 'the backup was older' });
  expect((await walk.drive(id)).state).toBe('stored');
  expect(
    await query('select team_id, prompt, seconds, size, final_micro from videos where id = $1', id),
  ).toEqual([
    { team_id: teamId, prompt: 'a kite from before', seconds: 8, size: '1280x720', final_micro: '800000' },
  ]);
  expect((await checkLedger(walk.database)).mismatches).toEqual([]);
  await expect(adoptVideo(admin, place(wanted), { teamId, reason: 'again' })).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(adoptVideo(admin, place('video_of_nobody'), { teamId, reason: 'x' })).rejects.toMatchObject({
    code: 'not_found',
  });
  await ignoreOrphan(admin, place(unwanted), 'a test');
  await expect(ignoreOrphan(admin, place(wanted), 'x')).rejects.toMatchObject({ code: 'not_found' });
  const { orphans } = await listOrphans(admin, {}, { after: null, limit: 10 });
  expect(new Map(orphans.map((orphan) => [orphan.upstreamId, orphan.state]))).toEqual(
    new Map([
      [wanted, 'adopted'],
      [unwanted, 'ignored'],
    ]),
  );
});
