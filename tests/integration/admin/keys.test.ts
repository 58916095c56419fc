import { SCOPES } from '@reelgate/contract';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let admin: { id: string; secret: string };
let team: Team;
beforeAll(async () => {
  stack = await startStack();
  admin = await stack.addAdmin();
  team = await stack.addTeam();
});
afterAll(() => stack.close());

const ask = (method: string, path: string, json?: unknown, who: { secret: string } = admin) =>
  stack.ask(who, method, `/admin/v1${path}`, json === undefined ? {} : { json });
const make = async (more: object = {}) =>
  (await ask('POST', '/keys', { team_id: team.teamId, name: 'a key', ...more })).json;
const use = async (secret: string) => (await stack.ask({ secret }, 'GET', '/v1/videos')).status;
const soon = { timeout: 2_000, interval: 20 };

describe('keys of teams', () => {
  test('are created with everything that can be said of them, and their secret is shown once', async () => {
    const settings = {
      kind: 'test',
      scopes: ['videos:read', 'usage:read'],
      allowed_models: ['sora-2'],
      requests_per_minute: 30,
      expires_at: '2099-01-01T00:00:00.000Z',
    };
    const { secret, ...key } = await make(settings);
    expect(key).toMatchObject({
      object: 'api_key',
      team: { id: team.teamId },
      ...settings,
      state: 'active',
      last_used_at: null,
      spend_this_month_micro_usd: '0',
      version: 1,
    });
    expect(secret.startsWith(key.prefix)).toBe(true);
    expect((await ask('GET', `/keys/${key.id}`)).json).toEqual(key);
    expect(await use(secret)).toBe(200);
    const everything = await make();
    expect([everything.scopes, everything.allowed_models, everything.kind]).toEqual([
      Object.keys(SCOPES),
      null,
      'live',
    ]);

    const { rows } = await stack.database.db.$client.query(
      `select actor_id, action, team_id, after from audit_log where target = $1`,
      [key.id],
    );
    expect(rows).toMatchObject([
      {
        actor_id: admin.id,
        action: 'key.create',
        team_id: team.teamId,
        after: { requestsPerMinute: 30, kind: 'test' },
      },
    ]);
    expect(JSON.stringify(rows)).not.toContain(secret.slice(17));
  });

  test.each([
    [{ scopes: ['everything'] }, 'scopes'],
    [{ scopes: [] }, 'scopes'],
    [{ allowed_models: [] }, 'allowed_models'],
    [{ requests_per_minute: 0 }, 'requests_per_minute'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ kind: 'admin' }, 'kind'],
    [{ role: 'admin' }, 'role'],
    [{ team_id: 'team_none' }, 'team_id'],
  ])('cannot have %j', async (settings, param) => {
    const answer = await ask('POST', '/keys', { team_id: team.teamId, name: 'x', ...settings });
    expect([400, 404]).toContain(answer.status);
    expect(answer.json.error.param).toContain(param);
  });

  test('change, rotate and end, each at once for whoever uses them', async () => {
    const { id, secret, version } = await make();
    expect(await use(secret)).toBe(200);
    const narrowed = await ask('PATCH', `/keys/${id}`, { scopes: ['usage:read'], version });
    expect(narrowed.json).toMatchObject({ scopes: ['usage:read'], version: version + 1 });
    await vi.waitUntil(async () => (await use(secret)) === 403, soon);
    expect((await ask('PATCH', `/keys/${id}`, { name: 'late', version })).status).toBe(409);
    await ask('PATCH', `/keys/${id}`, { scopes: ['videos:read'] });

    const rotated = (await ask('POST', `/keys/${id}/rotate`, { overlap_seconds: 3_600 })).json;
    expect(rotated).toMatchObject({ id, previous_secret_expires_at: expect.any(String) });
    for (const one of [secret, rotated.secret])
      await vi.waitUntil(async () => (await use(one)) === 200, soon);

    const revoked = await ask('POST', `/keys/${id}/revoke`);
    expect(revoked.json).toMatchObject({ state: 'revoked', revoked_at: expect.any(String) });
    for (const one of [secret, rotated.secret])
      await vi.waitUntil(async () => (await use(one)) === 401, soon);
    expect((await ask('POST', `/keys/${id}/rotate`, {})).json.error.code).toBe('invalid_value');
    expect((await ask('PATCH', `/keys/${id}`, { name: 'x' })).json.error.code).toBe('invalid_value');
    const { rows } = await stack.database.db.$client.query(
      'select action from audit_log where target = $1 order by id',
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'key.create',
      'key.update',
      'key.update',
      'key.rotate',
      'key.revoke',
    ]);
  });

  test('are listed page by page, and found by team, kind, state and part of their name', async () => {
    const mine = await stack.addTeam();
    const of = (name: string, more: object = {}) => make({ team_id: mine.teamId, name, ...more });
    const [alpha, beta] = [await of('alpha_1'), await of('beta', { kind: 'test' })];
    await ask('POST', `/keys/${alpha.id}/revoke`);
    const list = async (query: string) =>
      (await ask('GET', `/keys?team_id=${mine.teamId}${query}`)).json.data.map(
        ({ id }: { id: string }) => id,
      );
    expect(await list('')).toEqual([beta.id, alpha.id, mine.keyId]);
    expect(await list('&kind=test')).toEqual([beta.id]);
    expect(await list('&state=revoked')).toEqual([alpha.id]);
    expect(await list('&state=revoked,active&q=A_1')).toEqual([alpha.id]);
    expect(await list('&q=%25')).toEqual([]);
    const first = (await ask('GET', `/keys?team_id=${mine.teamId}&limit=2`)).json;
    expect(first.has_more).toBe(true);
    expect(await list(`&limit=2&after=${first.last_id}`)).toEqual([mine.keyId]);
  });

  test('of another team are as if there were none, for a manager', async () => {
    const other = await stack.addTeam();
    const manager = await stack.addAdmin('manager', [team.teamId]);
    const member = await stack.addAdmin('member', [team.teamId]);
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { name: 'mine' }],
      ['POST', '/rotate', {}],
      ['POST', '/revoke', undefined],
    ] as const) {
      const answer = await ask(method, `/keys/${other.keyId}${path}`, body, manager);
      expect([method, path, answer.status]).toEqual([method, path, 404]);
    }
    expect((await ask('POST', '/keys', { team_id: other.teamId, name: 'x' }, manager)).status).toBe(404);
    expect((await ask('GET', `/keys?team_id=${other.teamId}`, undefined, manager)).json.data).toEqual([]);
    expect((await ask('POST', '/keys', { team_id: team.teamId, name: 'x' }, member)).status).toBe(403);
    expect((await ask('POST', '/keys', { team_id: team.teamId, name: 'x' }, manager)).status).toBe(200);
    expect(await use(other.secret)).toBe(200);
  });
});

describe('keys of this API', () => {
  test('are created for a role and its teams, listed, and revoked', async () => {
    const made = (
      await ask('POST', '/admin-keys', { name: 'terraform', role: 'manager', team_ids: [team.teamId] })
    ).json;
    expect(made).toMatchObject({
      object: 'admin_key',
      role: 'manager',
      teams: [{ id: team.teamId }],
      state: 'active',
    });
    expect((await ask('GET', '/teams', undefined, made)).json.data).toHaveLength(1);
    const listed = (await ask('GET', '/admin-keys')).json.data.map(({ id }: { id: string }) => id);
    expect(listed).toContain(made.id);
    expect(listed).not.toContain(team.keyId);
    // They are no keys of a team, and keys of teams are none of these.
    expect((await ask('GET', `/keys/${made.id}`)).status).toBe(404);
    expect((await ask('POST', `/admin-keys/${team.keyId}/revoke`)).status).toBe(404);

    expect((await ask('POST', `/admin-keys/${made.id}/revoke`)).json.state).toBe('revoked');
    await vi.waitUntil(async () => (await ask('GET', '/teams', undefined, made)).status === 401, soon);
  });

  test('are for admins only', async () => {
    const manager = await stack.addAdmin('manager', [team.teamId]);
    for (const [method, path, body] of [
      ['GET', '/admin-keys', undefined],
      ['POST', '/admin-keys', { name: 'mine' }],
      ['POST', `/admin-keys/${admin.id}/revoke`, undefined],
    ] as const) {
      expect((await ask(method, path, body, manager)).status).toBe(403);
    }
  });
});
