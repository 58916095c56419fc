/** Brakes, the organization, and where a budget leads. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let admin: { id: string; secret: string };
let team: Team;
beforeAll(async () => {
  stack = await startStack();
  admin = await stack.addAdmin();
  team = await stack.addTeam(10_000_000n);
});
afterAll(() => stack.close());

const ask = (method: string, path: string, json?: unknown, who: { secret: string } = admin) =>
  stack.ask(who, method, `/admin/v1${path}`, json === undefined ? {} : { json });
const rows = async (text: string, values: unknown[] = []) =>
  (await stack.database.db.$client.query(text, values)).rows;
const recorded = async (target: string) =>
  (
    await rows('select action, actor_id, team_id, reason from audit_log where target = $1 order by id', [
      target,
    ])
  )
    .filter(({ actor_id }) => actor_id === admin.id)
    .map(({ action, team_id, reason }) => [action, team_id, reason]);

test('a frozen team makes no video until it is unfrozen', async () => {
  const { teamId } = team;
  const frozen = await ask('POST', `/teams/${teamId}/freeze`, { reason: 'the bill is late' });
  expect(frozen.json).toMatchObject({ id: teamId, state: 'frozen', frozen_reason: 'the bill is late' });
  expect((await ask('GET', `/teams/${teamId}`)).json).toEqual(frozen.json);
  const ids = async (state: string) =>
    (await ask('GET', `/teams?state=${state}`)).json.data.map(({ id }: { id: string }) => id);
  expect(await ids('frozen')).toEqual([teamId]);
  expect(await ids('active')).not.toContain(teamId);
  expect((await stack.create(team)).json.error).toMatchObject({
    code: 'creates_paused',
    message: expect.stringContaining('the bill is late'),
  });

  const free = await ask('POST', `/teams/${teamId}/unfreeze`);
  expect(free.json).toMatchObject({ state: 'active', frozen_at: null, frozen_reason: null });
  expect((await stack.create(team)).status).toBe(200);
  expect(await recorded(teamId)).toEqual([
    ['team.freeze', teamId, 'the bill is late'],
    ['team.unfreeze', teamId, null],
  ]);
});

test('a paused key makes no video, and another of its team does', async () => {
  const { teamId } = team;
  const other = (await ask('POST', '/keys', { team_id: teamId, name: 'another' })).json;
  expect((await ask('POST', `/keys/${team.keyId}/pause`, {})).status).toBe(400);
  const paused = await ask('POST', `/keys/${team.keyId}/pause`, { reason: 'a loop in its script' });
  expect(paused.json).toMatchObject({ state: 'paused', paused_reason: 'a loop in its script' });
  const list = await ask('GET', `/keys?team_id=${teamId}&state=paused`);
  expect(list.json.data).toEqual([paused.json]);
  expect((await stack.create(team)).json.error.code).toBe('creates_paused');
  expect((await stack.create({ ...team, secret: other.secret })).status).toBe(200);

  const resumed = await ask('POST', `/keys/${team.keyId}/resume`);
  expect(resumed.json).toMatchObject({ state: 'active', paused_reason: null });
  expect((await stack.create(team)).status).toBe(200);
  expect(await recorded(team.keyId)).toEqual([
    ['key.pause', teamId, 'a loop in its script'],
    ['key.resume', teamId, null],
  ]);
});

test('nobody makes a video while the organization is paused', async () => {
  const paused = await ask('POST', '/organization/pause', { reason: 'an incident' });
  expect(paused.json).toMatchObject({ paused_at: expect.any(String), paused_reason: 'an incident' });
  expect((await ask('GET', '/organization')).json).toEqual(paused.json);
  expect((await ask('GET', '/me')).json.organization.paused_at).toBe(paused.json.paused_at);
  expect((await stack.create(team)).json.error.code).toBe('creates_paused');

  const resumed = await ask('POST', '/organization/resume');
  expect(resumed.json).toMatchObject({ paused_at: null, paused_reason: null });
  expect((await stack.create(team)).status).toBe(200);
  expect((await recorded('org')).map(([action]) => action)).toEqual([
    'organization.pause',
    'organization.resume',
  ]);
});

test('what an administrator holds says whose it is, and a manager cannot let it go', async () => {
  const { teamId, keyId } = team;
  const manager = await stack.addAdmin('manager', [teamId]);
  const name = async ({ id }: { id: string }) =>
    (await rows('select name from api_keys where id = $1', [id]))[0].name;
  const reason = { reason: 'the bill is late' };
  const frozenBy = async () => (await ask('GET', `/teams/${teamId}`, undefined, manager)).json.frozen_by;

  expect(await frozenBy()).toBeNull();
  await ask('POST', `/teams/${teamId}/freeze`, reason, manager);
  expect(await frozenBy()).toEqual({ name: await name(manager), by_admin: false });
  // An administrator holds it as well: from here on it is theirs.
  await ask('POST', `/teams/${teamId}/freeze`, reason);
  expect(await frozenBy()).toEqual({ name: await name(admin), by_admin: true });
  expect((await ask('POST', `/teams/${teamId}/unfreeze`, undefined, manager)).status).toBe(403);
  expect((await ask('POST', `/teams/${teamId}/unfreeze`)).json.frozen_by).toBeNull();

  const paused = await ask('POST', `/keys/${keyId}/pause`, reason);
  expect(paused.json.paused_by).toEqual({ name: await name(admin), by_admin: true });
  expect((await ask('POST', `/keys/${keyId}/resume`, undefined, manager)).status).toBe(403);
  expect((await ask('POST', `/keys/${keyId}/resume`)).json.paused_by).toBeNull();
});

test("brakes of another team's things are not there for a manager, and a member pulls none", async () => {
  const other = await stack.addTeam();
  const manager = await stack.addAdmin('manager', [team.teamId]);
  const member = await stack.addAdmin('member', [team.teamId]);
  const reason = { reason: 'mine' };
  for (const [path, body, code] of [
    [`/teams/${other.teamId}/freeze`, reason, 'team_not_found'],
    [`/teams/${other.teamId}/unfreeze`, undefined, 'team_not_found'],
    [`/keys/${other.keyId}/pause`, reason, 'key_not_found'],
    [`/keys/${other.keyId}/resume`, undefined, 'key_not_found'],
    [`/keys/${admin.id}/pause`, reason, 'key_not_found'],
  ] as const) {
    const answer = await ask('POST', path, body, manager);
    expect([path, answer.status, answer.json.error.code]).toEqual([path, 404, code]);
  }
  expect((await ask('POST', `/keys/${admin.id}/pause`, reason)).status).toBe(404);
  expect((await ask('POST', '/organization/pause', reason, manager)).status).toBe(403);
  expect((await ask('PATCH', '/organization', { name: 'mine' }, manager)).status).toBe(403);
  expect((await ask('POST', `/teams/${team.teamId}/freeze`, reason, member)).status).toBe(403);
  expect(await rows('select scope_id from brakes')).toEqual([]);
});

test('the organization has a name and a time zone, in which its quotas go on', async () => {
  const changed = await ask('PATCH', '/organization', { name: 'Acme', time_zone: 'Europe/Berlin' });
  expect(changed.json).toMatchObject({ id: 'org', name: 'Acme', time_zone: 'Europe/Berlin' });
  expect((await ask('PATCH', '/organization', { name: 'Acme Films' })).json).toEqual({
    ...changed.json,
    name: 'Acme Films',
    version: changed.json.version + 1,
  });
  const late = await ask('PATCH', '/organization', { name: 'too late', version: changed.json.version });
  expect([late.status, late.json.error.code]).toEqual([409, 'version_conflict']);
  expect((await ask('GET', '/organization')).json.name).toBe('Acme Films');
  expect((await ask('GET', `/teams/${team.teamId}`)).json.budget.time_zone).toBe('Europe/Berlin');
  const refused = await ask('PATCH', '/organization', { name: 'x', time_zone: 'Europe/Atlantis' });
  expect([refused.status, refused.json.error.param]).toEqual([400, 'time_zone']);
  expect((await ask('GET', '/organization')).json.name).toBe('Acme Films');
  const [last] = await rows(
    "select before, after from audit_log where action = 'organization.update' order by id desc",
  );
  expect(last).toMatchObject({ before: { name: 'Acme' }, after: { name: 'Acme Films' } });
});

test('a budget tells what goes on a day, and when it is gone', async () => {
  const spender = await stack.addTeam(1_000_000n);
  const budget = async () => (await ask('GET', `/teams/${spender.teamId}`)).json.budget;
  expect(await budget()).toMatchObject({ burn_per_day_micro_usd: '0', runs_out_at: null });
  expect((await stack.create(spender)).status).toBe(200);
  const [{ spent }] = await rows(
    'select sum(cost_reserved + cost_settled)::text as spent from spend where team_id = $1',
    [spender.teamId],
  );
  const after = await budget();
  expect(after.burn_per_day_micro_usd).toBe((BigInt(spent) / 7n).toString());
  const hard = async (amount: string) =>
    expect((await ask('PATCH', `/quotas/${after.quota_id}`, { hard: amount })).status).toBe(200);
  // A minute's worth is left, which is before any reset but one within that minute.
  await hard((BigInt(spent) + BigInt(spent) / 7n / 1_440n).toString());
  const at = Date.parse((await budget()).runs_out_at);
  expect(Math.abs(at - Date.now() - 60_000)).toBeLessThan(20_000);
  await hard('900000000000000000');
  expect((await budget()).runs_out_at).toBeNull();
  await hard(spent);
  expect(Date.parse((await budget()).runs_out_at)).toBeLessThan(Date.now() + 20_000);
  // What was made longer ago does not count.
  await rows("update videos set created_at = created_at - interval '8 days' where team_id = $1", [
    spender.teamId,
  ]);
  expect((await budget()).burn_per_day_micro_usd).toBe('0');
});

test('a velocity breaker is set, seen by its team, in force, and removed', async () => {
  const fast = await stack.addTeam();
  const path = `/velocity-breakers/${fast.teamId}`;
  expect((await ask('GET', path)).status).toBe(404);
  const set = await ask('PUT', path, { videos_per_minute: 2, micro_usd_per_minute: '50000000' });
  expect(set.json).toMatchObject({
    id: fast.teamId,
    scope: { kind: 'team', id: fast.teamId },
    videos_per_minute: 2,
    micro_usd_per_minute: '50000000',
    times_normal: null,
    updated_by: admin.id,
  });
  expect((await ask('GET', path)).json).toEqual(set.json);
  const own = await stack.addAdmin('member', [fast.teamId]);
  const foreign = await stack.addAdmin('manager', [team.teamId]);
  expect((await ask('GET', '/velocity-breakers', undefined, own)).json.data).toEqual([set.json]);
  expect((await ask('GET', '/velocity-breakers', undefined, foreign)).json.data).toEqual([]);
  expect((await ask('GET', path, undefined, foreign)).status).toBe(404);
  expect((await ask('PUT', path, { videos_per_minute: 900 }, foreign)).status).toBe(403);
  for (const bad of [{ videos_per_minute: 0 }, { micro_usd_per_minute: '0' }, { times_normal: 1 }])
    expect((await ask('PUT', path, bad)).status).toBe(400);
  expect((await ask('PUT', `/velocity-breakers/${admin.id}`, { videos_per_minute: 1 })).status).toBe(404);

  // Where the minute ends meanwhile, the count begins again.
  const answers = [];
  for (let i = 0; i < 6; i++) answers.push(await stack.create(fast));
  expect(answers.at(-1)?.json.error.code).toBe('creates_paused');
  expect((await ask('GET', `/keys/${fast.keyId}`)).json).toMatchObject({
    state: 'paused',
    paused_reason: 'more than 2 videos in a minute',
  });

  expect((await ask('DELETE', path)).json).toEqual({ object: 'done', id: fast.teamId });
  expect((await ask('DELETE', path)).status).toBe(404);
  expect((await recorded(fast.teamId)).map(([action]) => action)).toEqual([
    'velocity_breaker.set',
    'velocity_breaker.delete',
  ]);
});

test('how long a team keeps its videos is set for its own managers, and recorded', async () => {
  const path = `/teams/${team.teamId}/retention`;
  expect((await ask('GET', path)).json).toMatchObject({ team: { id: team.teamId }, days: null });
  const manager = await stack.addAdmin('manager', [team.teamId]);
  const other = await stack.addAdmin('manager', [(await stack.addTeam()).teamId]);
  expect((await ask('PUT', path, { days: 90 }, manager)).json).toMatchObject({ days: 90 });
  expect((await ask('GET', path)).json.days).toBe(90);
  expect((await ask('GET', path, undefined, other)).status).toBe(404);
  expect((await ask('PUT', path, { days: 1 }, other)).status).toBe(404);
  for (const days of [0, 36_501, 1.5, '7']) expect((await ask('PUT', path, { days })).status).toBe(400);
  expect((await ask('PUT', path, { days: null })).json.days).toBeNull();
  const entries = await rows(
    "select before, after from audit_log where action = 'retention.set' and target = $1 order by id",
    [team.teamId],
  );
  expect(entries).toEqual([
    { before: { days: null }, after: { days: 90 } },
    { before: { days: 90 }, after: { days: null } },
  ]);
});

test('what is granted for a while is part of a budget', async () => {
  const granted = await stack.addTeam(1_000_000n);
  const budget = async () => (await ask('GET', `/teams/${granted.teamId}`)).json.budget;
  const { quota_id } = await budget();
  const grant = await ask('POST', '/grants', { quota_id, amount: '500000', reason: 'launch week' });
  expect(await budget()).toMatchObject({ limit_micro_usd: '1500000', left_micro_usd: '1500000' });
  await ask('POST', `/grants/${grant.json.id}/end`);
  expect(await budget()).toMatchObject({ limit_micro_usd: '1000000', left_micro_usd: '1000000' });
});

test('what an administrator of all teams has stopped, a manager of the team does not start again; what a manager has, both do', async () => {
  const held = await stack.addTeam();
  const manager = await stack.addAdmin('manager', [held.teamId]);
  for (const [pull, release] of [
    [`/teams/${held.teamId}/freeze`, `/teams/${held.teamId}/unfreeze`],
    [`/keys/${held.keyId}/pause`, `/keys/${held.keyId}/resume`],
  ] as const) {
    expect((await ask('POST', pull, { reason: 'the bill is late' })).status).toBe(200);
    for (const [path, body] of [
      [release, undefined],
      [pull, { reason: 'all is well' }],
    ] as const) {
      const refused = await ask('POST', path, body, manager);
      expect([refused.status, refused.json.error.code]).toEqual([403, 'forbidden']);
    }
    expect((await stack.create(held)).json.error.message).toContain('the bill is late');
    expect((await ask('POST', release)).status).toBe(200);
    for (const who of [manager, admin]) {
      expect((await ask('POST', pull, { reason: 'a loop' }, manager)).status).toBe(200);
      expect((await ask('POST', release, undefined, who)).status).toBe(200);
    }
    expect((await stack.create(held)).status).toBe(200);
  }
});

test("more for one key is on record for its team, whatever the limit is the key's own", async () => {
  const quota = await ask('POST', '/quotas', {
    scope_kind: 'key',
    scope_id: team.keyId,
    metric: 'videos',
    window: 'month',
    hard: '100',
  });
  const grant = await ask('POST', '/grants', { quota_id: quota.json.id, amount: '5', reason: 'a shoot' });
  await ask('POST', `/grants/${grant.json.id}/end`);
  expect(await recorded(grant.json.id)).toEqual([
    ['grant.create', team.teamId, 'a shoot'],
    ['grant.end', team.teamId, null],
  ]);
});
