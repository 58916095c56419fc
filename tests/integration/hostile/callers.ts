/** Rows 1 to 7: who asks, and for whose things. */
import { createHmac, randomBytes } from 'node:crypto';
import { API_OPERATIONS } from '@reelgate/contract';
import { updateTeam } from '@reelgate/core';
import { expect, vi } from 'vitest';
import type { Answer, Stack } from '../gateway/gateway-process.ts';
import type { HostileCase } from './hostile-case.ts';
import { form, type World } from './world.ts';

/** Every operation of the API, and paths that are none. */
function routes({ videoId, characterId, fileId }: World): [method: string, path: string][] {
  const ids: Readonly<Record<string, string>> = {
    video_id: videoId,
    character_id: characterId,
    file_id: fileId,
    model: 'sora-2',
  };
  const filled = API_OPERATIONS.map(({ method, path }): [string, string] => [
    method.toUpperCase(),
    `/v1${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'x')}`,
  ]);
  return [
    ...filled,
    ['HEAD', `/v1/videos/${videoId}/content`],
    ['GET', '/v1/unknown'],
    ['PATCH', '/v1/videos'],
  ];
}

const flipped = (key: string) => key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');

const CREDENTIALS: [row: number, name: string, (secret: string, forgotten: string) => string[]][] = [
  [1, 'no key', () => []],
  [1, 'an empty header', () => ['Authorization: ']],
  [1, 'Bearer and nothing', () => ['Authorization: Bearer ']],
  [
    1,
    'another scheme',
    (secret) => [`Authorization: Basic ${Buffer.from(`x:${secret}`).toString('base64')}`],
  ],
  [1, 'the key without a scheme', (secret) => [`Authorization: ${secret}`]],
  [1, 'a cookie', (secret) => [`Cookie: key=${secret}; __Host-session=${secret}`]],
  [2, 'two headers', (secret) => [`Authorization: Bearer ${secret}`, `Authorization: Bearer ${secret}`]],
  [
    2,
    'two headers, one of them wrong',
    (secret) => [`Authorization: Bearer ${secret}`, 'Authorization: Bearer x'],
  ],
  [2, 'two keys in one', (secret) => [`Authorization: Bearer ${secret}, Bearer ${secret}`]],
  [2, 'two kinds of header', (secret) => [`Authorization: Bearer ${secret}`, `api-key: ${secret}`]],
  [3, 'a mistyped key', (secret) => [`Authorization: Bearer ${flipped(secret)}`]],
  [3, 'a well-formed key that nobody has', (_, forgotten) => [`Authorization: Bearer ${forgotten}`]],
  [3, 'a key of 10 kB', () => [`Authorization: Bearer ${'k'.repeat(10_000)}`]],
  [3, 'letters that look alike', (secret) => [`Authorization: Bearer ${secret.replace('r', 'г')}`]],
  [3, 'the placeholder of SDK suites', () => ['Authorization: Bearer My API Key']],
];

const credentials: HostileCase[] = CREDENTIALS.map(([row, name, headers]) => ({
  row,
  name: `${name}: 401 on every route`,
  async run(world) {
    for (const [method, path] of routes(world)) {
      const lines = [
        `${method} ${path} HTTP/1.1`,
        'Host: x',
        'Connection: close',
        ...headers(world.team.secret, world.forgottenSecret),
      ];
      const { text, status } = await world.raw(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
      expect([method, path, status]).toEqual([method, path, 401]);
      expect(text).toMatch(/^x-request-id: req_[0-9a-f]{32}\r$/im);
      if (method === 'HEAD') continue;
      expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({
        error: { type: 'invalid_request_error', param: null, code: 'invalid_api_key' },
      });
    }
  },
}));

/** Asks as the stranger, once for what is not theirs and once for what never was. */
async function expectAlike(
  world: World,
  theirs: string,
  ask: (id: string) => Promise<Answer>,
  status: number,
) {
  const never = theirs.replace(/([_-]).*/, `$1${'0'.repeat(32)}`);
  const [foreign, unknown] = [await ask(theirs), await ask(never)];
  expect(foreign.status, foreign.text).toBe(status);
  expect(foreign.text).toBe(unknown.text.replaceAll(never, theirs));
  const names = ({ headers }: Answer) => Object.keys(headers).sort();
  expect(names(foreign)).toEqual(names(unknown));
  expect((await world.ask('GET', `/v1/videos/${world.videoId}`)).status).toBe(200);
}

const foreign = (
  name: string,
  status: number,
  ask: (world: World, id: string) => Promise<Answer>,
  thing: 'videoId' | 'characterId' | 'fileId' = 'videoId',
): HostileCase => ({
  row: 6,
  name: `${name}: as if it never was`,
  run: (world) => expectAlike(world, world[thing], (id) => ask(world, id), status),
});

const asStranger = (world: World, method: string, path: string, json?: unknown) =>
  world.stack.ask(world.stranger, method, path, json === undefined ? {} : { json });

export const callers: readonly HostileCase[] = [
  ...credentials,
  {
    row: 3,
    name: 'a key that cannot be one is refused without the database',
    async run(world) {
      const asking = (secret: string) => world.stack.ask({ secret }, 'GET', '/v1/videos');
      await world.proxy.cut();
      try {
        expect((await asking(flipped(world.team.secret))).status).toBe(401);
        expect((await asking('k'.repeat(10_000))).status).toBe(401);
        // It is away indeed: one that could be a key cannot be judged.
        expect((await asking(world.forgottenSecret)).status).toBe(503);
      } finally {
        await world.proxy.restore();
      }
      await vi.waitUntil(async () => (await world.stack.ask(null, 'GET', '/health/ready')).status === 200, {
        timeout: 10_000,
        interval: 50,
      });
    },
  },
  {
    row: 4,
    name: 'a revoked and an expired key: within five seconds, though they were just used',
    async run({ stack }) {
      const [revoked, expired] = [await stack.addTeam(), await stack.addTeam()];
      for (const team of [revoked, expired])
        expect((await stack.ask(team, 'GET', '/v1/videos')).status).toBe(200);
      const { $client } = stack.database.db;
      await $client.query(`update api_keys set state = 'revoked' where id = $1`, [revoked.keyId]);
      await $client.query('update api_keys set expires_at = clock_timestamp() where id = $1', [
        expired.keyId,
      ]);
      for (const team of [revoked, expired]) {
        await vi.waitUntil(async () => (await stack.ask(team, 'GET', '/v1/videos')).status === 401, {
          timeout: 6_000,
          interval: 200,
        });
      }
    },
  },
  {
    row: 4,
    name: 'the key of a team that is switched off: 403 at once, and as before when it is on again',
    async run({ stack }) {
      const team = await stack.addTeam();
      const status = async () => (await stack.ask(team, 'GET', '/v1/videos')).status;
      const soon = { timeout: 6_000, interval: 20 };
      expect(await status()).toBe(200);
      await updateTeam(stack.database, team.teamId, { disabled: true });
      await vi.waitUntil(async () => (await status()) === 403, soon);
      await updateTeam(stack.database, team.teamId, { disabled: false });
      await vi.waitUntil(async () => (await status()) === 200, soon);
    },
  },
  {
    row: 5,
    name: 'a key in the query is not read, and not logged',
    async run({ stack, team }) {
      const path = `/v1/videos?api_key=${team.secret}&key=${team.secret}&access_token=${team.secret}`;
      expect((await stack.ask(null, 'GET', path)).status).toBe(401);
    },
  },

  ...(['', '/content', '/content?variant=thumbnail', '/lineage'] as const).map((rest) =>
    foreign(`GET${rest}`, 404, (world, id) => asStranger(world, 'GET', `/v1/videos/${id}${rest}`)),
  ),
  foreign('DELETE', 404, (world, id) => asStranger(world, 'DELETE', `/v1/videos/${id}`)),
  foreign('cancel', 404, (world, id) => asStranger(world, 'POST', `/v1/videos/${id}/cancel`)),
  foreign('list after it', 400, (world, id) => asStranger(world, 'GET', `/v1/videos?after=${id}`)),
  foreign('remix', 404, (world, id) =>
    asStranger(world, 'POST', `/v1/videos/${id}/remix`, { prompt: world.canary }),
  ),
  foreign('edit', 404, (world, id) =>
    asStranger(world, 'POST', '/v1/videos/edits', { prompt: world.canary, video: { id } }),
  ),
  foreign('extend', 404, (world, id) =>
    asStranger(world, 'POST', '/v1/videos/extensions', { prompt: world.canary, video: { id }, seconds: '4' }),
  ),
  foreign('edit, as a form', 404, (world, id) =>
    world.stack.ask(
      world.stranger,
      'POST',
      '/v1/videos/edits',
      form({ name: 'prompt', value: world.canary }, { name: 'video[id]', value: id }),
    ),
  ),
  foreign(
    'its character',
    404,
    (world, id) => asStranger(world, 'GET', `/v1/videos/characters/${id}`),
    'characterId',
  ),
  foreign(
    'a create with its character',
    404,
    (world, id) => asStranger(world, 'POST', '/v1/videos', { prompt: world.canary, characters: [{ id }] }),
    'characterId',
  ),
  ...(['GET', 'DELETE'] as const).map((method) =>
    foreign(
      `${method} of its file`,
      404,
      (world, id) => asStranger(world, method, `/v1/files/${id}`),
      'fileId',
    ),
  ),
  foreign(
    'the content of its file',
    404,
    (world, id) => asStranger(world, 'GET', `/v1/files/${id}/content`),
    'fileId',
  ),
  foreign(
    'a create with its file',
    404,
    (world, id) =>
      asStranger(world, 'POST', '/v1/videos', { prompt: world.canary, input_reference: { file_id: id } }),
    'fileId',
  ),
  foreign(
    'a page after its file',
    400,
    (world, id) => asStranger(world, 'GET', `/v1/files?after=${id}`),
    'fileId',
  ),
  {
    row: 6,
    name: 'a list and its filters show nothing of another team',
    async run(world) {
      const stranger = await world.stack.addTeam();
      for (const query of [
        '',
        '?limit=100',
        '?model=sora-2',
        '?status=completed',
        `?team_id=${world.team.teamId}`,
      ]) {
        expect((await world.stack.ask(stranger, 'GET', `/v1/videos${query}`)).json.data).toEqual([]);
      }
    },
  },
  {
    row: 6,
    name: 'a deleted video is like one that never was, for its owner too',
    makes: 1,
    async run(world) {
      const { id } = (await world.post('/v1/videos', { prompt: world.canary })).json;
      expect((await world.ask('DELETE', `/v1/videos/${id}`)).json).toEqual({
        id,
        object: 'video.deleted',
        deleted: true,
      });
      for (const [method, rest] of [
        ['GET', ''],
        ['DELETE', ''],
        ['GET', '/content'],
        ['GET', '/lineage'],
        ['POST', '/cancel'],
      ] as const) {
        await expectAlike(world, id, (one) => world.ask(method, `/v1/videos/${one}${rest}`), 404);
      }
      const listed = (await world.ask('GET', '/v1/videos?limit=100')).json.data as { id: string }[];
      expect(listed.map((video) => video.id)).not.toContain(id);
    },
  },
  {
    row: 7,
    name: 'a thousand guessed ids: all 404, of 128 bits',
    async run(world) {
      expect(world.videoId).toMatch(/^video_[0-9a-f]{32}$/);
      const guess = () => asStranger(world, 'GET', `/v1/videos/video_${randomBytes(16).toString('hex')}`);
      for (let i = 0; i < 20; i++) {
        const answers = await Promise.all(Array.from({ length: 50 }, guess));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
      }
    },
  },
  {
    row: 7,
    name: 'guessed ids count against the limit per minute: 429 from then on',
    async run({ stack }) {
      const team = await stack.addTeam();
      await updateTeam(stack.database, team.teamId, { requestsPerMinute: 30 });
      const guess = async () => {
        const path = `/v1/videos/video_${randomBytes(16).toString('hex')}`;
        return (await stack.ask(team, 'GET', path)).status;
      };
      const statuses = await Promise.all(Array.from({ length: 60 }, guess));
      expect(statuses.filter((status) => status === 404)).toHaveLength(30);
      expect(statuses.filter((status) => status === 429)).toHaveLength(30);
    },
  },
  {
    row: 55,
    name: 'keys guessed from one address: 429, and nobody else is',
    async run({ stack }) {
      const statuses = await guessKeys(stack, 80, () => '198.51.100.1');
      expect(new Set(statuses)).toEqual(new Set([401, 429]));
      expect(statuses.indexOf(429)).toBeGreaterThanOrEqual(60);
      const headers = { 'x-forwarded-for': '198.51.100.2' };
      expect((await stack.ask(await stack.addTeam(), 'GET', '/v1/videos', { headers })).status).toBe(200);
    },
  },
  {
    row: 55,
    name: 'one key guessed at from many addresses: 429',
    async run({ stack }) {
      expect(await guessKeys(stack, 80, (n) => `198.51.100.${100 + n}`)).toContain(429);
    },
  },
  {
    row: 56,
    name: 'addresses that the client claims in X-Forwarded-For change nothing',
    async run({ stack }) {
      expect(await guessKeys(stack, 80, (n) => `10.0.0.${n}, 203.0.113.9`)).toContain(429);
    },
  },
];

/** Asks so often with a well-formed key that nobody has, and resolves to the statuses. */
async function guessKeys(stack: Stack, count: number, from: (n: number) => string): Promise<number[]> {
  const { keyId, secret } = await stack.addTeam();
  await stack.database.db.$client.query('delete from api_keys where id = $1', [keyId]);
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) {
    const headers = { 'x-forwarded-for': from(n) };
    statuses.push((await stack.ask({ secret }, 'GET', '/v1/videos', { headers })).status);
  }
  return statuses;
}

/** What of a key must not be seen anywhere. */
export function secretsOf({ team, stranger }: Pick<World, 'team' | 'stranger'>): string[] {
  return [team, stranger].flatMap(({ secret }) => [
    secret,
    secret.slice(17, 40),
    createHmac('sha256', 'a pepper for tests').update(secret).digest('hex'),
  ]);
}
