/** What every operation of the Admin API has in common: who may, how parts are read, and that a change is recorded. */
import { afterAll, beforeAll, expect, test } from 'vitest';
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

test('takes keys of its own only, and the public API takes none of them', async () => {
  for (const [who, status] of [
    [null, 401],
    [team, 401],
    [{ secret: admin.secret.replace(/.$/, '!') }, 401],
    [admin, 200],
  ] as const) {
    expect((await stack.ask(who, 'GET', '/admin/v1/teams')).status).toBe(status);
  }
  const refused = await stack.ask(admin, 'GET', '/v1/videos');
  expect([refused.status, refused.json.error.code]).toEqual([401, 'invalid_api_key']);
});

test('a role that does not suffice is 403, and another team is like none', async () => {
  const other = await stack.addTeam();
  const member = await stack.addAdmin('member', [team.teamId]);
  const manager = await stack.addAdmin('manager', [team.teamId]);
  const refused = await stack.ask(member, 'PATCH', `/admin/v1/teams/${team.teamId}`, { json: { name: 'x' } });
  expect([refused.status, refused.json.error.code]).toEqual([403, 'forbidden']);
  const named = `team of ${team.teamId}`;
  const changed = await stack.ask(manager, 'PATCH', `/admin/v1/teams/${team.teamId}`, {
    json: { name: named },
  });
  expect([changed.status, changed.json.name]).toEqual([200, named]);

  const none = 'team_00000000000000000000000000000000';
  for (const id of [other.teamId, none]) {
    const answer = await stack.ask(manager, 'PATCH', `/admin/v1/teams/${id}`, { json: { name: 'mine now' } });
    expect([answer.status, answer.text.replaceAll(id, 'ID')]).toEqual([
      404,
      JSON.stringify({
        error: {
          message: "Team with id 'ID' not found.",
          type: 'invalid_request_error',
          param: 'team_id',
          code: 'team_not_found',
        },
      }),
    ]);
  }
  const seen = await stack.ask(member, 'GET', '/admin/v1/teams');
  expect(seen.json.data.map(({ id }: { id: string }) => id)).toEqual([team.teamId]);
});

test.each([
  ['no body', {}, 415, 'unsupported_content_type'],
  ['a form', { body: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, null],
  ['JSON as text', { body: '{"name":"x"}', headers: { 'content-type': 'text/plain' } }, 415, null],
  ['no name', { json: {} }, 400, 'missing_required_parameter'],
  ['an empty name', { json: { name: ' ' } }, 400, 'invalid_value'],
  ['a name that is none', { json: { name: 7 } }, 400, 'invalid_value'],
  ['a parameter that nobody knows', { json: { name: 'x', nmae: 'y' } }, 400, 'unsupported_parameter'],
  ['broken JSON', { body: '{', headers: { 'content-type': 'application/json' } }, 400, 'invalid_json'],
])('refuses %s', async (_, options, status, code) => {
  const answer = await stack.ask(admin, 'POST', '/admin/v1/teams', options);
  expect(answer.status).toBe(status);
  if (code !== null) expect(answer.json.error.code).toBe(code);
});

test('refuses a filter that nobody knows, and a method that there is none of', async () => {
  const filter = await stack.ask(admin, 'GET', '/admin/v1/teams?nmae=x');
  expect([filter.status, filter.json.error.param]).toEqual([400, 'nmae']);
  const method = await stack.ask(admin, 'DELETE', '/admin/v1/teams');
  expect([method.status, method.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
});

test('pages through teams by name', async () => {
  const names: string[] = [];
  let after = '';
  do {
    const answer = await stack.ask(admin, 'GET', `/admin/v1/teams?limit=1${after}`);
    expect(answer.json.data).toHaveLength(1);
    names.push(answer.json.data[0].name);
    after = answer.json.has_more ? `&after=${answer.json.last_id}` : '';
  } while (after !== '');
  expect(names).toEqual([...names].sort());
  expect(names.length).toBeGreaterThan(1);
});

test.each<[path: string, made: () => object, change: (n: number) => object]>([
  ['teams', () => ({ name: 'contested' }), (n) => ({ name: `contested by ${n}` })],
  ['keys', () => ({ team_id: team.teamId, name: 'contested' }), (n) => ({ name: `contested by ${n}` })],
  [
    'users',
    () => ({ email: 'contested@example.com', name: 'contested', role: 'member' }),
    (n) => ({ name: `contested by ${n}` }),
  ],
  [
    'quotas',
    () => ({ scope_kind: 'team', scope_id: team.teamId, metric: 'videos', window: 'day', hard: '5' }),
    (n) => ({ hard: `${6 + n}` }),
  ],
  [
    'webhook-endpoints',
    () => ({ team_id: team.teamId, url: 'https://93.184.215.14/hook', name: 'contested' }),
    (n) => ({ name: `contested by ${n}` }),
  ],
])(
  'of changes of one of the %s from the same version one wins, and the others are told',
  async (collection, made, change) => {
    const created = await stack.ask(admin, 'POST', `/admin/v1/${collection}`, { json: made() });
    expect(created.status).toBe(200);
    const { id, version } = created.json;
    const path = `/admin/v1/${collection}/${id}`;
    const answers = await Promise.all(
      [0, 1, 2, 3, 4].map((n) => stack.ask(admin, 'PATCH', path, { json: { ...change(n), version } })),
    );
    const [won, ...others] = answers.sort((one, other) => one.status - other.status);
    expect(won).toMatchObject({ status: 200 });
    expect(won?.json.version).toBeGreaterThan(version);
    for (const { status, json } of others) {
      expect([status, json.error.code]).toEqual([409, 'version_conflict']);
    }
    expect((await stack.ask(admin, 'GET', path)).json).toEqual(won?.json);
  },
);

test('a change is in the audit log with who, what, before and after', async () => {
  const made = await stack.ask(admin, 'POST', '/admin/v1/teams', { json: { name: 'watched' } });
  await stack.ask(admin, 'PATCH', `/admin/v1/teams/${made.json.id}`, { json: { name: 'still watched' } });
  const { rows } = await stack.database.db.$client.query(
    'select actor_kind, actor_id, action, before, after, ip, request_id from audit_log where target = $1 order by id',
    [made.json.id],
  );
  expect(rows).toMatchObject([
    { actor_id: admin.id, action: 'team.create', before: null, after: { name: 'watched' } },
    { action: 'team.update', before: { name: 'watched' }, after: { name: 'still watched' } },
  ]);
  expect(rows[0]).toMatchObject({
    actor_kind: 'admin_key',
    ip: '127.0.0.1',
    request_id: made.headers['x-request-id'],
  });
});

test('describes itself', async () => {
  const document = (await stack.ask(null, 'GET', '/admin/openapi.json')).json;
  expect(document.paths['/teams'].post.operationId).toBe('createTeam');
  expect((await stack.ask(null, 'GET', '/admin/docs')).status).toBe(200);
});
