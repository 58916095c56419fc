import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { askRaw, type Stack, startStack, type Team } from './gateway-process.ts';

let stack: Stack;
let owner: Team;
let stranger: Team;
let videoId: string;

beforeAll(async () => {
  stack = await startStack();
  await stack.startWorker();
  owner = await stack.addTeam();
  stranger = await stack.addTeam();
  videoId = (await stack.create(owner)).json.id;
  await vi.waitUntil(
    async () => (await stack.ask(owner, 'GET', `/v1/videos/${videoId}`)).json.status === 'completed',
    { timeout: 30_000, interval: 50 },
  );
});
afterAll(() => stack.close());

const ROUTES = (id: string): [string, string][] => [
  ['GET', '/v1/videos'],
  ['POST', '/v1/videos'],
  ['GET', `/v1/videos/${id}`],
  ['HEAD', `/v1/videos/${id}`],
  ['DELETE', `/v1/videos/${id}`],
  ['GET', `/v1/videos/${id}/content`],
  ['HEAD', `/v1/videos/${id}/content`],
  ['GET', '/v1/unknown'],
];

const flipped = (key: string) => key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');

describe('who may not', () => {
  const cases: [string, () => string[]][] = [
    ['no key', () => []],
    ['an empty header', () => ['Authorization: ']],
    ['another scheme', () => [`Authorization: Basic ${Buffer.from(`x:${owner.secret}`).toString('base64')}`]],
    ['the key without a scheme', () => [`Authorization: ${owner.secret}`]],
    ['two headers', () => [`Authorization: Bearer ${owner.secret}`, `Authorization: Bearer ${owner.secret}`]],
    [
      'two headers, one of them wrong',
      () => [`Authorization: Bearer ${owner.secret}`, 'Authorization: Bearer x'],
    ],
    ['two keys in one', () => [`Authorization: Bearer ${owner.secret}, Bearer ${owner.secret}`]],
    ['two kinds of header', () => [`Authorization: Bearer ${owner.secret}`, `api-key: ${owner.secret}`]],
    ['a mistyped key', () => [`Authorization: Bearer ${flipped(owner.secret)}`]],
    [
      'a well-formed key that nobody has',
      () => ['Authorization: Bearer rg_live_00000000_000000000000000000000000000000004DPrmi'],
    ],
    ['a key of 10 kB', () => [`Authorization: Bearer ${'k'.repeat(10_000)}`]],
    ['the placeholder of SDK suites', () => ['Authorization: Bearer My API Key']],
    ['a cookie', () => [`Cookie: key=${owner.secret}`]],
  ];

  test.each(cases)('%s: 401 in the envelope on every route', async (_, headers) => {
    for (const [method, path] of ROUTES(videoId)) {
      const head = [`${method} ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers()];
      const { text, status } = await askRaw(stack.gateway.port, `${head.join('\r\n')}\r\n\r\n`);
      expect([method, path, status]).toEqual([method, path, 401]);
      expect(text).toMatch(/^x-request-id: req_[0-9a-f]{32}\r$/im);
      if (method !== 'HEAD') {
        expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({
          error: { type: 'invalid_request_error', param: null, code: 'invalid_api_key' },
        });
      }
    }
  });

  test('a key in the query is not read, and not logged', async () => {
    const path = `/v1/videos?api_key=${owner.secret}&key=${owner.secret}&access_token=${owner.secret}`;
    expect((await stack.ask(null, 'GET', path)).status).toBe(401);
    expect(stack.gateway.output()).not.toContain(owner.secret);
  });

  test('a revoked key: within five seconds, though it was just used', async () => {
    const team = await stack.addTeam();
    expect((await stack.ask(team, 'GET', '/v1/videos')).status).toBe(200);
    await stack.database.db.$client.query(`update api_keys set state = 'revoked' where id = $1`, [
      team.keyId,
    ]);
    await vi.waitUntil(async () => (await stack.ask(team, 'GET', '/v1/videos')).status === 401, {
      timeout: 6_000,
      interval: 200,
    });
  });
});

test.each([
  ['Bearer', () => ({ authorization: `Bearer ${owner.secret}` })],
  ['bearer', () => ({ authorization: `bearer ${owner.secret}` })],
  ['the header of Azure', () => ({ 'api-key': owner.secret })],
  [
    'headers that name headers',
    () => ({ authorization: `Bearer ${owner.secret}`, 'x-http-method-override': 'DELETE' }),
  ],
])('%s: may', async (_, headers) => {
  const answer = await stack.ask(null, 'GET', `/v1/videos/${videoId}`, { headers: headers() });
  expect(answer).toMatchObject({ status: 200, json: { id: videoId } });
});

describe('another team', () => {
  const random = `video_${'0'.repeat(32)}`;

  test.each([
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/content'],
    ['GET', '/content?variant=thumbnail'],
  ])('%s %s: the same bytes as for an id that never was', async (method, rest) => {
    const foreign = await stack.ask(stranger, method, `/v1/videos/${videoId}${rest}`);
    const unknown = await stack.ask(stranger, method, `/v1/videos/${random}${rest}`);
    expect(foreign.status).toBe(404);
    expect(foreign.text).toBe(unknown.text.replace(random, videoId));
    const names = ({ headers }: typeof foreign) => Object.keys(headers).sort();
    expect(names(foreign)).toEqual(names(unknown));
    expect(foreign.json.error.code).toBe('video_not_found');
  });

  test('cannot list it, nor list after it', async () => {
    expect((await stack.ask(stranger, 'GET', '/v1/videos')).json.data).toEqual([]);
    const foreign = await stack.ask(stranger, 'GET', `/v1/videos?after=${videoId}`);
    const unknown = await stack.ask(stranger, 'GET', `/v1/videos?after=${random}`);
    expect(foreign.status).toBe(400);
    expect(foreign.text).toBe(unknown.text.replace(random, videoId));
  });

  test('has done it no harm', async () => {
    expect((await stack.ask(owner, 'GET', `/v1/videos/${videoId}`)).status).toBe(200);
    expect((await stack.ask(owner, 'GET', `/v1/videos/${videoId}/content`)).status).toBe(200);
  });

  test('a deleted one is like one that never was, for its owner too; the second delete as well', async () => {
    const { id } = (await stack.create(owner)).json;
    expect((await stack.ask(owner, 'DELETE', `/v1/videos/${id}`)).json).toEqual({
      id,
      object: 'video.deleted',
      deleted: true,
    });
    for (const [method, rest] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/content'],
    ] as const) {
      const gone = await stack.ask(owner, method, `/v1/videos/${id}${rest}`);
      const unknown = await stack.ask(owner, method, `/v1/videos/${random}${rest}`);
      expect(gone.status).toBe(404);
      expect(gone.text).toBe(unknown.text.replace(random, id));
    }
    const listed = (await stack.ask(owner, 'GET', '/v1/videos?limit=100')).json.data as { id: string }[];
    expect(listed.map((video) => video.id)).not.toContain(id);
  });
});

test('no log line holds a key, its hash, or a prompt', async () => {
  const prompt = 'the canary sings at midnight';
  await stack.create(owner, { prompt });
  await stack.create(owner, { prompt, size: 'wrong' });
  await vi.waitUntil(() => stack.gateway.lines.some((line) => line.status === 400), { timeout: 5_000 });
  const output = stack.gateway.output();
  expect(output).not.toContain(prompt);
  for (const { secret } of [owner, stranger]) {
    expect(output).not.toContain(secret);
    expect(output).not.toContain(secret.slice(17, 40));
    expect(output).not.toContain(createHmac('sha256', 'a pepper for tests').update(secret).digest('hex'));
  }
});
