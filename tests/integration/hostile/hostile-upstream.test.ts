import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { send, startUpstreamServer, type UpstreamServer } from '../adapters/upstream-server.ts';
import { type Gateway, type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { UPSTREAM_KEY, type UpstreamCase, upstreamCases, wireVideo } from './upstream-cases.ts';
import { ended } from './world.ts';

const CANARY = 'the canary sings at midnight';
let upstream: UpstreamServer;
let stack: Stack;
let worker: Gateway;
let team: Team;
let film: Buffer;
let now: UpstreamCase;

beforeAll(async () => {
  upstream = await startUpstreamServer(async (exchange) => {
    const { method, url } = exchange.request;
    const [, id = '', rest] = /^\/v1\/videos\/([^/?]+)(\/content)?/.exec(url) ?? [];
    if (method === 'POST' && url === '/v1/videos') {
      const create =
        now.create ??
        ((x) =>
          send(x, {
            status: 200,
            body: wireVideo(`up_${upstream.requests.length}`, { status: 'queued', progress: 0 }),
          }));
      return await create(exchange);
    }
    if (method === 'GET' && url.startsWith('/v1/videos?'))
      return send(exchange, { status: 200, body: { object: 'list', data: [], has_more: false } });
    if (rest !== undefined) {
      const content =
        now.content ??
        ((x) => send(x, { status: 200, headers: { 'content-type': 'video/mp4' }, body: film }));
      return await content(exchange, film);
    }
    if (id === '') return send(exchange, { status: 404 });
    send(exchange, { status: 200, body: (now.look ?? wireVideo)(id) });
  });
  stack = await startStack({
    upstream: { url: `${upstream.origin}/v1`, apiKey: UPSTREAM_KEY },
    env: { INLINE_SUBMIT_WAIT: '3s' },
  });
  worker = await stack.startWorker();
  film = await renderFilm();
});
afterAll(async () => {
  await stack?.close();
  await upstream?.close();
});
beforeEach(async () => {
  team = await stack.addTeam();
});

/** A film of the simulator, which is not the upstream here. */
async function renderFilm(): Promise<Buffer> {
  const { origin } = new URL(stack.simulator.baseUrl);
  const maker = { secret: 'any' };
  const { id } = (await stack.ask(maker, 'POST', '/v1/videos', { json: { prompt: 'a film' }, origin })).json;
  await vi.waitUntil(
    async () => (await stack.ask(maker, 'GET', `/v1/videos/${id}`, { origin })).json.status === 'completed',
    { timeout: 30_000 },
  );
  return (await stack.ask(maker, 'GET', `/v1/videos/${id}/content`, { origin })).bytes;
}

async function memoryBytes(): Promise<number> {
  const pids = [stack.gateway, worker].map(({ process }) => readFile(`/proc/${process.pid}/status`, 'utf8'));
  const sizes = (await Promise.all(pids)).map(
    (status) => Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

// What the case before has left unfinished is looked at no more: the answers are no longer meant for it, and each failed look would
// hold all others back.
beforeEach(async () => {
  await stack.database.db.$client.query(
    `update videos set next_action_at = null, lease_owner = null, lease_until = null, lease_epoch = lease_epoch + 1
      where next_action_at is not null`,
  );
});

/** After so much nonsense the worker holds its calls back for up to a minute. */
const HELD_BACK_MS = 80_000;

test.each(upstreamCases)('$row: $name', { timeout: 2 * HELD_BACK_MS }, async (hostile) => {
  now = hostile;
  const before = await memoryBytes();
  const created = await stack.create(team, { prompt: CANARY });
  expect(created.status, created.text).toBe(hostile.answer);
  const seen: string[] = [created.text];

  if (hostile.end === 'nothing') {
    expect((await stack.ask(team, 'GET', '/v1/videos')).json.data).toEqual([]);
    expect(created.text).not.toContain(CANARY);
  } else {
    const path = `/v1/videos/${created.json.id}`;
    /** How often the upstream was asked for this video. */
    const asked = async (rest: string) => {
      const { rows } = await stack.database.db.$client.query('select upstream_id from videos where id = $1', [
        created.json.id,
      ]);
      return upstream.requests.filter(
        ({ url }) => url.split('?')[0] === `/v1/videos/${rows[0].upstream_id}${rest}`,
      ).length;
    };
    if (hostile.end === 'open') {
      // It was looked at as far as it can be, more than once where it is looked at at all.
      const patience = { timeout: HELD_BACK_MS, interval: 20 };
      if (hostile.look) await vi.waitUntil(async () => (await asked('')) >= 2, patience);
      if (hostile.content) await vi.waitUntil(async () => (await asked('/content')) >= 1, patience);
      const { json } = await stack.ask(team, 'GET', path);
      expect(['queued', 'in_progress']).toContain(json.status);
      expect(json.progress).toBeGreaterThanOrEqual(0);
      expect(json.progress).toBeLessThan(100);
      expect((await stack.ask(team, 'GET', `${path}/content`)).json.error.code).toBe('video_not_ready');
    } else {
      expect(await ended(stack, team, created.json.id)).toBe(hostile.end);
    }
    const answer = await stack.ask(team, 'GET', path);
    expect(answer.json).toMatchObject({ id: created.json.id, expires_at: null });
    expect(Math.abs(answer.json.created_at - Date.now() / 1000)).toBeLessThan(120);
    seen.push(answer.text);
    if (hostile.end === 'completed') {
      const content = await stack.ask(team, 'GET', `${path}/content`);
      expect(content.bytes.equals(film)).toBe(true);
      expect(content.headers).toMatchObject({
        'content-type': 'video/mp4',
        'content-disposition': `attachment; filename="${created.json.id}.mp4"`,
        'x-content-type-options': 'nosniff',
        'x-request-id': expect.stringMatching(/^req_/),
      });
      for (const name of ['set-cookie', 'server', 'access-control-allow-origin'])
        expect(content.headers).not.toHaveProperty(name);
    }
  }

  expect(created.headers).not.toHaveProperty('x-evil');
  expect((await memoryBytes()) - before).toBeLessThan(128 * 1024 * 1024);
  for (const { process } of [stack.gateway, worker]) expect(process.exitCode).toBeNull();
  expect((await stack.ask(null, 'GET', '/health/live')).status).toBe(200);
  const output = stack.gateway.output() + worker.output();
  for (const secret of [UPSTREAM_KEY, 'org-Abc123Def456', 'internal.render.example', '10.1.2.3']) {
    expect(seen.join()).not.toContain(secret);
    expect(output).not.toContain(secret);
  }
  expect(output).not.toContain(CANARY);
  expect(output).not.toContain(team.secret);
  // A strange id is one segment of a path, whatever is in it.
  const paths = upstream.requests.map(({ url }) => new URL(url, upstream.origin).pathname);
  expect(paths.filter((path) => !/^\/v1\/videos(\/[^/]+(\/content)?)?$/.test(path))).toEqual([]);
});

test("what a caller's SDK says of itself and of accounts does not reach the upstream", async () => {
  now = { row: 0, name: 'an upstream without a fault', answer: 200, end: 'open' };
  const headers = {
    'openai-beta': 'videos=v1',
    'openai-organization': 'org-of-the-caller',
    'openai-project': 'proj_of_the_caller',
    'idempotency-key': 'key-of-the-caller',
    'x-stainless-retry-count': '0',
    'x-custom': 'caller',
    cookie: 'a=b',
    'user-agent': 'OpenAI/JS 7.57.0',
  };
  const fields = { prompt: CANARY };
  const created = await stack.ask(team, 'POST', '/v1/videos', { json: fields, headers });
  expect(created.status, created.text).toBe(200);
  const sent = upstream.requests.findLast(({ method }) => method === 'POST');
  expect(sent?.body.toString()).toContain(CANARY);
  expect(sent?.headers).toEqual({
    accept: 'application/json',
    'accept-encoding': 'identity',
    authorization: `Bearer ${UPSTREAM_KEY}`,
    connection: expect.any(String),
    'content-length': expect.any(String),
    'content-type': expect.stringMatching(/^multipart\/form-data; boundary=reelgate-/),
    host: new URL(upstream.origin).host,
    'user-agent': 'reelgate',
    'x-client-request-id': expect.stringMatching(/^sub_/),
  });
});
