/** People, their roles and their teams. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let admin: { secret: string };
let team: Team;

beforeAll(async () => {
  stack = await startStack();
  admin = await stack.addAdmin();
  team = await stack.addTeam();
});
afterAll(() => stack.close());

const ask = async (method: string, path: string, json?: unknown, who = admin) =>
  await stack.ask(who, method, `/admin/v1${path}`, json === undefined ? {} : { json });

test('the password of a new user is shown once, and signs in', async () => {
  const made = await ask('POST', '/users', {
    email: 'Jo@Example.com',
    name: 'Jo',
    role: 'admin',
    team_ids: [team.teamId],
  });
  expect(made.json).toMatchObject({ email: 'jo@example.com', role: 'admin', disabled: false, version: 1 });
  expect(made.json.teams).toMatchObject([{ id: team.teamId }]);
  const { password, ...shown } = made.json;
  expect((await ask('GET', `/users/${shown.id}`)).json).toEqual(shown);
  const { rows } = await stack.database.db.$client.query('select * from audit_log where target = $1', [
    shown.id,
  ]);
  expect(rows).toMatchObject([{ action: 'user.create', after: { email: 'jo@example.com', role: 'admin' } }]);
  expect(JSON.stringify(rows)).not.toContain(password);
  const again = await ask('POST', '/users', { email: 'jo@example.com', name: 'Jo', role: 'member' });
  expect([again.status, again.json.error.param]).toEqual([400, 'email']);

  const headers = { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' };
  const signedIn = await stack.ask(null, 'POST', '/auth/sign-in', {
    json: { email: 'jo@example.com', password },
    headers,
  });
  const cookie = [signedIn.headers['set-cookie'] ?? []]
    .flat()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  const me = async () => await stack.ask(null, 'GET', '/admin/v1/me', { headers: { cookie } });
  expect((await me()).json).toMatchObject({ kind: 'user', email: 'jo@example.com', role: 'admin' });
  await ask('POST', `/users/${shown.id}/sign-out`);
  expect((await me()).status).toBe(401);
});

test('the last admin stays one, whatever two of them do to each other at once', async () => {
  const { data } = (await ask('GET', '/users?role=admin')).json;
  const second = (await ask('POST', '/users', { email: 'al@example.com', name: 'Al', role: 'admin' })).json;
  const [first] = data;
  const answers = await Promise.all([
    ask('PATCH', `/users/${first.id}`, { role: 'member' }),
    ask('PATCH', `/users/${second.id}`, { disabled: true }),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect((await ask('GET', '/users?role=admin&disabled=false')).json.data).toHaveLength(1);
});

test('a manager fills its own team and no other', async () => {
  const other = await stack.addTeam();
  const manager = await stack.addAdmin('manager', [team.teamId]);
  const user = (await ask('POST', '/users', { email: 'mo@example.com', name: 'Mo', role: 'member' })).json;
  const added = await ask('POST', `/teams/${team.teamId}/members`, { user_id: user.id }, manager);
  expect(added.json).toMatchObject({ object: 'member', user_id: user.id, email: 'mo@example.com' });
  expect((await ask('POST', `/teams/${other.teamId}/members`, { user_id: user.id }, manager)).status).toBe(
    404,
  );
  expect((await ask('GET', `/teams/${team.teamId}/members`, undefined, manager)).json.data).toHaveLength(2);
  expect((await ask('GET', `/teams/${team.teamId}`)).json.members).toBe(2);
  expect((await ask('DELETE', `/teams/${team.teamId}/members/${user.id}`, undefined, manager)).status).toBe(
    200,
  );
  expect((await ask('DELETE', `/teams/${team.teamId}/members/${user.id}`, undefined, manager)).status).toBe(
    404,
  );
});
