/** What administrators do to videos, one by one and to many at once. */
import { setRetention } from '@reelgate/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let admin: { secret: string };
let team: Team;

beforeAll(async () => {
  stack = await startStack();
  admin = await stack.addAdmin();
  team = await stack.addTeam(50_000_000n);
});
afterAll(() => stack.close());

const ask = async (method: string, path: string, json?: unknown, who = admin) =>
  await stack.ask(who, method, `/admin/v1${path}`, json === undefined ? {} : { json });
const create = async () => (await stack.create(team)).json.id as string;
const audited = async (target: string) =>
  (
    await stack.database.db.$client.query(
      'select action, reason from audit_log where target = $1 order by id',
      [target],
    )
  ).rows;

test('looks now, holds, lets go, deletes and restores, and each leaves its row', async () => {
  const id = await create();
  expect((await ask('POST', `/videos/${id}/poll`)).status).toBe(200);
  expect((await ask('POST', `/videos/${id}/hold`, { reason: 'A question of rights' })).json.hold).toBe(true);
  expect((await ask('POST', `/videos/${id}/unhold`)).json.hold).toBe(false);
  const deleted = await ask('DELETE', `/videos/${id}`);
  expect([deleted.status, deleted.json.delete_requested_at]).toEqual([200, expect.any(String)]);
  expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).status).toBe(404);
  expect((await ask('DELETE', `/videos/${id}`)).status).toBe(404);
  const restored = await ask('POST', `/videos/${id}/restore`);
  expect(restored.json.delete_requested_at).toBeNull();
  expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).status).toBe(200);
  expect(await audited(id)).toEqual([
    { action: 'video.poll', reason: null },
    { action: 'video.hold', reason: 'A question of rights' },
    { action: 'video.unhold', reason: null },
    { action: 'video.delete', reason: null },
    { action: 'video.restore', reason: null },
  ]);
  expect(restored.json.timeline.filter(({ kind }: { kind: string }) => kind === 'admin')).toHaveLength(5);
});

test('what is on hold does not expire, and does again when it is let go', async () => {
  const id = await create();
  const { db } = stack.database;
  await setRetention({ db }, team.teamId, 30);
  await db.$client.query('update videos set stored_at = clock_timestamp() where id = $1', [id]);
  const expires = async () => (await ask('GET', `/videos/${id}`)).json.expires_at !== null;
  expect(await expires()).toBe(true);
  await ask('POST', `/videos/${id}/hold`, { reason: 'A question of rights' });
  expect(await expires()).toBe(false);
  await ask('POST', `/videos/${id}/unhold`);
  expect(await expires()).toBe(true);
  await setRetention({ db }, team.teamId, null);
});

test('what makes no sense now is refused, and leaves no row', async () => {
  const id = await create();
  for (const [path, body, status] of [
    ['retry-archiving', undefined, 409],
    ['cancel', undefined, 400],
    ['restore', undefined, 409],
    ['settle', { cost_micro_usd: '1', reason: 'the bill' }, 409],
    ['release', { reason: 'the bill' }, 409],
    ['settle', { cost_micro_usd: '1' }, 400],
    ['hold', {}, 400],
  ] as const) {
    const answer = await ask('POST', `/videos/${id}/${path}`, body);
    expect([path, answer.status]).toEqual([path, status]);
  }
  expect(await audited(id)).toEqual([]);
});

test('a parked cost is settled by hand, and the books agree', async () => {
  const id = await create();
  const { $client: pool } = stack.database.db;
  await pool.query(
    `with v as (update videos set state = 'failed', error_code = 'upstream_outcome_unknown', next_action_at = null where id = $1 returning id)
     select quota_park(id) from v`,
    [id],
  );
  expect((await ask('GET', `/videos/${id}`)).json.cost).toMatchObject({
    state: 'parked',
    reserved_micro_usd: '400000',
  });
  const settled = await ask('POST', `/videos/${id}/settle`, {
    cost_micro_usd: '350000',
    reason: 'The bill has it',
  });
  expect(settled.json.cost).toMatchObject({
    state: 'settled',
    reserved_micro_usd: '0',
    settled_micro_usd: '350000',
  });
  expect((await ask('POST', '/ledger/check')).json).toMatchObject({ agrees: true, mismatches: [] });
});

test('many at once: a dry run only counts, and only what may be is done', async () => {
  const ids = [await create(), await create(), await create()];
  const none = `video_${'0'.repeat(32)}`;
  await ask('POST', `/videos/${ids[0]}/hold`, { reason: 'kept' });
  const hold = { action: 'hold', ids: [...ids, none], reason: 'An audit' };
  const dry = await ask('POST', '/videos/bulk', { ...hold, dry_run: true });
  expect(dry.json).toMatchObject({ dry_run: true, matched: 3, eligible: 2, done: 0, truncated: false });
  expect((await ask('GET', '/videos/counts?hold=true')).json.total).toBe(1);
  const done = await ask('POST', '/videos/bulk', hold);
  expect(done.json).toMatchObject({ dry_run: false, matched: 3, eligible: 2, done: 2, refused: [] });
  expect((await ask('GET', '/videos/counts?hold=true')).json.total).toBe(3);
  expect(await audited('videos')).toEqual([{ action: 'video.bulk', reason: 'An audit' }]);

  const filter = { team_id: team.teamId, hold: 'true' };
  const unheld = await ask('POST', '/videos/bulk', { action: 'unhold', filter });
  expect(unheld.json).toMatchObject({ matched: 3, done: 3 });
  expect((await ask('POST', '/videos/bulk', { action: 'delete', filter })).json.error.param).toBe('reason');
  expect((await ask('POST', '/videos/bulk', { action: 'poll' })).status).toBe(400);
  const manager = await stack.addAdmin('manager', [(await stack.addTeam()).teamId]);
  const foreign = await ask('POST', '/videos/bulk', { action: 'delete', ids, reason: 'mine now' }, manager);
  expect(foreign.json).toMatchObject({ matched: 0, done: 0 });
});

test('a video that no upstream has taken is cancelled, its money given back and its row written with that', async () => {
  await stack.simulator.control('POST', 'rules', {
    match: { operation: 'create' },
    times: 1,
    behaviour: { rate_limited: true, retry_after: 60 },
  });
  const id = await create();
  const cancelled = await ask('POST', `/videos/${id}/cancel`);
  expect(cancelled).toMatchObject({
    status: 200,
    json: { state: 'failed', cost: { reserved_micro_usd: '0' } },
  });
  expect(await audited(id)).toEqual([{ action: 'video.cancel', reason: null }]);
});
