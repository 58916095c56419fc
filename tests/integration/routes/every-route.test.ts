/** Every route that the running gateway serves, asked by everybody who must not get what it has. */
import type { AdminOperation } from '@reelgate/contract/admin';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Stack, startStack } from '../gateway/gateway-process.ts';
import { createWorld, OUR_ORIGIN, type World } from './callers.ts';
import { type KnownRoute, knownRoute } from './known-routes.ts';

let stack: Stack;
let world: World;
let routes: {
  readonly line: string;
  readonly method: string;
  readonly path: string;
  readonly known: KnownRoute;
}[];

beforeAll(async () => {
  stack = await startStack();
  world = await createWorld(stack);
  routes = stack.gateway.routes
    // What a path answers to methods that it does not have, and middleware.
    .filter((line) => !line.startsWith('ALL '))
    .map((line) => {
      const [method = '', path = ''] = line.split(' ');
      return { line, method, path, known: knownRoute(line) ?? { kind: 'open' } };
    });
});
afterAll(() => stack.close());

const ofKind = <K extends KnownRoute['kind']>(kind: K) =>
  routes.flatMap((route) =>
    route.known.kind === kind ? [{ ...route, known: route.known as Extract<KnownRoute, { kind: K }> }] : [],
  );

type Ids = World['ids'];

/** The path with these ids in it. */
function at(path: string, ids: Ids): string {
  return path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, (_, name: string) => {
    const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const id = ids[snake];
    if (id === undefined) throw new Error(`nobody has an id for :${name}`);
    return id;
  });
}

const KINDS: Readonly<Record<string, string>> = {
  video: 'video_id',
  team: 'team_id',
  key: 'key_id',
  quota: 'quota_id',
  char: 'character_id',
  user: 'user_id',
  whe: 'endpoint_id',
};

/** The example of a body, with these ids in it. */
function bodyOf(schema: { meta(): unknown } | undefined, ids: Ids): unknown {
  const { examples } = (schema?.meta() ?? {}) as { examples?: unknown };
  const [example] = Array.isArray(examples) ? examples : [];
  if (example === undefined) return undefined;
  const text = JSON.stringify(example).replaceAll(/"([a-z]+)_[0-9a-f]{32}"/g, (whole, kind: string) =>
    KINDS[kind] ? `"${ids[KINDS[kind]]}"` : whole,
  );
  return JSON.parse(text);
}

async function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
  json?: unknown,
): Promise<Answer> {
  return await stack.ask(null, method, path, { headers, ...(json !== undefined && { json }) });
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** What must be the same afterwards: nothing was made, changed or sent. */
async function traces(): Promise<unknown> {
  const { rows } = await stack.database.db.$client.query(
    `select (select count(*) from videos) as videos, (select count(*) from audit_log) as audit, (select count(*) from api_keys) as keys,
            (select count(*) from teams) as teams, (select count(*) from webhook_endpoints) as endpoints,
            (select count(*) from users) as users`,
  );
  return [rows[0], (await stack.simulator.truth()).totals.creates];
}

test('every route is known', () => {
  expect(stack.gateway.routes.length).toBeGreaterThan(60);
  const unknown = stack.gateway.routes.filter(
    (line) => !line.startsWith('ALL ') && knownRoute(line) === null,
  );
  expect(unknown).toEqual([]);
  // A route that was never decided about would be noticed.
  expect(knownRoute('GET /v1/secrets')).toBeNull();
  expect(knownRoute('GET /admin/v1/secrets')).toBeNull();
  expect(knownRoute('POST /admin/v1/videos/:video_id/give-away')).toBeNull();
});

describe.each(['public', 'admin'] as const)('whoever is nobody to the %s API', (kind) => {
  test('is answered with 401, the same for every route, and leaves no trace', async () => {
    const before = await traces();
    const strangers = kind === 'public' ? world.strangers.team : world.strangers.admin;
    const wrong: unknown[] = [];
    for (const { line, method, path } of ofKind(kind)) {
      for (const [name, headers] of strangers) {
        const answer = await ask(method, at(path, world.ids), headers);
        if (answer.status !== 401 || answer.json?.error?.code !== 'invalid_api_key') {
          wrong.push([line, name, answer.status]);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(await traces()).toEqual(before);
  });
});

test('a key without the scope is refused by every route that needs it, whatever else it may', async () => {
  const before = await traces();
  const wrong: unknown[] = [];
  for (const { line, method, path, known } of ofKind('public')) {
    const { scope } = known.operation;
    if (scope === null) continue;
    for (const [held, secret] of world.scoped) {
      if (held === scope) continue;
      const answer = await ask(method, at(path, world.ids), bearer(secret));
      if (answer.status !== 403 || answer.json.error.code !== 'missing_scope')
        wrong.push([line, held, answer.status]);
    }
  }
  expect(wrong).toEqual([]);
  expect(await traces()).toEqual(before);
});

test("another team's things are answered like things that there are none of", async () => {
  const before = await traces();
  const wrong: unknown[] = [];
  for (const { line, method, path, known } of ofKind('public')) {
    const { body } = known.operation;
    const theirs = bodyOf(body?.json, world.ids);
    const none = bodyOf(body?.json, world.nobodys);
    const named = path.includes(':') || JSON.stringify(theirs) !== JSON.stringify(none);
    if (!named || path.includes(':model')) continue;
    const [refused, unknown] = [
      await ask(method, at(path, world.ids), bearer(world.other.secret), theirs),
      await ask(method, at(path, world.nobodys), bearer(world.other.secret), none),
    ];
    if (refused.status !== 404 || !sameButForIds(refused, unknown))
      wrong.push([line, refused.status, refused.text]);
  }
  expect(wrong).toEqual([]);
  expect(await traces()).toEqual(before);
});

function sameButForIds(a: Answer, b: Answer): boolean {
  const bare = (text: string) => text.replaceAll(/[a-z]+[_-][0-9a-f]{32}|nowhere/g, 'ID');
  return a.status === b.status && bare(a.text) === bare(b.text);
}

const RANK = { member: 0, manager: 1, admin: 2 } as const;

test('a role that does not suffice is 403, before anything else is looked at', async () => {
  const before = await traces();
  const wrong: unknown[] = [];
  for (const { line, method, path, known } of ofKind('admin')) {
    for (const role of ['member', 'manager'] as const) {
      if (RANK[role] >= RANK[known.operation.role]) continue;
      const answer = await ask(method, at(path, world.ids), bearer(world[role]));
      if (answer.status !== 403 || answer.json.error.code !== 'forbidden')
        wrong.push([line, role, answer.status]);
    }
  }
  expect(wrong).toEqual([]);
  expect(await traces()).toEqual(before);
});

test("the administrators of another team neither see nor change a team's things", async () => {
  const before = await traces();
  const wrong: unknown[] = [];
  const mine = [
    world.ids.video_id,
    world.ids.quota_id,
    world.ids.endpoint_id,
    world.mine.keyId,
    'mine.example',
  ];
  for (const { line, method, path, known } of ofKind('admin')) {
    const operation: AdminOperation = known.operation;
    if (operation.role === 'admin') continue;
    const secret = operation.role === 'member' ? world.member : world.manager;
    const theirs = bodyOf(operation.body, world.ids);
    const refused = await ask(method, at(path, world.ids), bearer(secret), theirs);
    const leaked = mine.filter(
      (id) => id !== undefined && refused.text.includes(id) && refused.status === 200,
    );
    if (leaked.length > 0) wrong.push([line, 'shows', leaked]);
    if (
      path.includes('_id') ||
      (method !== 'GET' && JSON.stringify(theirs ?? '').includes(world.mine.teamId))
    ) {
      const unknown = await ask(
        method,
        at(path, world.nobodys),
        bearer(secret),
        bodyOf(operation.body, world.nobodys),
      );
      const isRefused = refused.status === 404 || refused.status === 400;
      if (!isRefused || !sameButForIds(refused, unknown))
        wrong.push([line, refused.status, refused.text, unknown.text]);
    }
    if (method === 'GET' && operation.query?.shape.team_id && !path.includes(':')) {
      const asked = await ask(method, `${path}?team_id=${world.mine.teamId}`, bearer(secret));
      const shown = mine.filter((id) => id !== undefined && asked.text.includes(id));
      if (shown.length > 0) wrong.push([line, 'shows with team_id', shown]);
    }
  }
  expect(wrong).toEqual([]);
  expect(await traces()).toEqual(before);
});

test('a cookie changes nothing from a page of another site, by no route and in no form', async () => {
  const before = await traces();
  const elsewhere: [string, Record<string, string>][] = [
    ['nobody knows where', {}],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sibling', { origin: 'http://app.localhost:8080', 'sec-fetch-site': 'same-site' }],
    [
      'a form',
      { origin: 'null', 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
    ],
    ['JSON as text', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
  ];
  const wrong: unknown[] = [];
  for (const { line, method, path } of ofKind('admin')) {
    if (method === 'GET') continue;
    for (const [name, headers] of elsewhere) {
      const answer = await ask(method, at(path, world.ids), { cookie: world.cookie, ...headers });
      if (answer.status !== 403 || answer.json.error.code !== 'cross_site_request')
        wrong.push([line, name, answer.status]);
    }
  }
  expect(wrong).toEqual([]);
  expect(await traces()).toEqual(before);
  // The same cookie from a page of ours does.
  const made = await stack.ask(null, 'POST', '/admin/v1/teams', {
    json: { name: 'made in the dashboard' },
    headers: { cookie: world.cookie, origin: OUR_ORIGIN, 'sec-fetch-site': 'same-origin' },
  });
  expect([made.status, made.json]).toMatchObject([200, { name: 'made in the dashboard' }]);
});
