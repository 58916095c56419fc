/** The command line against a running gateway: what it makes, stops and ends counts there. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PEPPER, type Stack, startStack } from '../gateway/gateway-process.ts';

const program = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));
/** Each command is a process of its own. */
vi.setConfig({ testTimeout: 180_000 });

let stack: Stack;
let directory: string;

beforeAll(async () => {
  stack = await startStack();
  directory = await mkdtemp(join(tmpdir(), 'reelgate-cli-'));
  await writeFile(
    join(directory, 'reelgate.yaml'),
    `
upstreams: [{ name: simulator, kind: openai, baseUrl: '${stack.simulator.baseUrl}' }]
models:
  - { name: sora-2, upstream: simulator, seconds: [4], sizes: [720x1280], pricePerSecond: { 720x1280: '0.10' } }
`,
  );
  await run('team', 'create', 'films');
});
afterAll(async () => {
  await stack.close();
  await rm(directory, { recursive: true, force: true });
});

/** Resolves to what it answers with `--json`, or rejects with what it says on stderr. */
// biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of it
async function run(...words: string[]): Promise<any> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...words, '--json'], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      REELGATE_HOME: directory,
      DATABASE_URL: stack.database.url,
      REELGATE_KEY_PEPPER: PEPPER,
      REELGATE_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      REELGATE_CONFIG: join(directory, 'reelgate.yaml'),
    },
  });
  return JSON.parse(stdout);
}

const statusOf = async (secret: string, path = '/v1/videos') =>
  (await stack.ask({ secret }, 'GET', path)).status;
const recorded = async (target: string) => {
  const { rows } = await stack.database.db.$client.query<{ action: string; actor_kind: string }>(
    'select action, actor_kind from audit_log where target = $1 order by id',
    [target],
  );
  return rows.map((row) => `${row.actor_kind} ${row.action}`);
};
const create = async (secret: string) =>
  await stack.ask({ secret }, 'POST', '/v1/videos', { json: { prompt: 'a kite' } });

describe('a key', () => {
  test('is made with its rights, shown once, rotated with an overlap and revoked for good', async () => {
    const key = await run(
      ...['key', 'create', '--team', 'films', '--name', 'render farm', '--scope', 'videos:read'],
      ...['--requests-per-minute', '600', '--expires', '90d'],
    );
    expect(key).toMatchObject({ name: 'render farm', secret: expect.stringMatching(/^rg_live_/) });
    expect(await statusOf(key.secret)).toBe(200);
    expect(await statusOf(key.secret, '/v1/usage')).toBe(403);
    expect((await create(key.secret)).json.error.code).toBe('missing_scope');
    const listed = await run('key', 'list', '--team', 'films');
    expect(listed).toMatchObject([{ id: key.id, requestsPerMinute: 600, scopes: ['videos:read'] }]);
    expect(JSON.stringify(listed)).not.toContain(key.secret);

    const rotated = await run('key', 'rotate', key.id, '--overlap', '1h');
    expect(rotated.secret).not.toBe(key.secret);
    expect(await statusOf(rotated.secret)).toBe(200);
    expect(await statusOf(key.secret)).toBe(200);
    const again = await run('key', 'rotate', key.id, '--overlap', '0');
    for (const old of [key.secret, rotated.secret])
      await vi.waitUntil(async () => (await statusOf(old)) === 401, { timeout: 5_000 });
    expect(await statusOf(again.secret)).toBe(200);

    expect(await run('key', 'revoke', key.id)).toEqual({ id: key.id, state: 'revoked' });
    await vi.waitUntil(async () => (await statusOf(again.secret)) === 401, { timeout: 5_000 });
    await expect(run('key', 'rotate', key.id)).rejects.toThrow(/revoked/);
    expect(await recorded(key.id)).toEqual([
      'cli key.create',
      'cli key.rotate',
      'cli key.rotate',
      'cli key.revoke',
    ]);
  });

  test('of the Admin API is made, listed by itself and revoked', async () => {
    const key = await run('key', 'create', '--admin', '--name', 'terraform');
    expect(await statusOf(key.secret, '/admin/v1/teams')).toBe(200);
    expect(await statusOf(key.secret)).toBe(401);
    expect((await run('key', 'list', '--admin')).map(({ id }: { id: string }) => id)).toEqual([key.id]);
    await run('key', 'revoke', key.id);
    await vi.waitUntil(async () => (await statusOf(key.secret, '/admin/v1/teams')) === 401, {
      timeout: 5_000,
    });
  });

  test('belongs to a team that there is', async () => {
    await expect(run('key', 'create')).rejects.toThrow(/--team <name>, or --admin/);
    await expect(run('key', 'create', '--team', 'nobody')).rejects.toThrow(/no team named 'nobody'/);
    await expect(run('key', 'revoke', 'key_none')).rejects.toThrow(/not found/);
  });
});

test('a team is allowed hosts for the webhooks of single videos, and a secret that signs them', async () => {
  await run('team', 'create', 'told');
  const { secret } = await run('key', 'create', '--team', 'told');
  const withUrl = async () =>
    await stack.ask({ secret }, 'POST', '/v1/videos', {
      json: { prompt: 'a kite', webhook_url: 'https://hooks.example.com/' },
    });
  expect((await withUrl()).json.error).toMatchObject({ param: 'webhook_url' });
  const { id, webhookHosts } = await run(
    'team',
    'webhook-hosts',
    'told',
    'Hooks.example.com',
    '*.films.example',
  );
  expect(webhookHosts).toEqual(['hooks.example.com', '*.films.example']);
  const first = await run('team', 'rotate-webhook-secret', 'told');
  expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect((await withUrl()).status).toBe(200);
  expect(await run('team', 'show', 'told')).toMatchObject({
    webhookHosts,
    webhookSecretHint: `whsec_...${first.secret.slice(-4)}`,
  });
  expect((await run('team', 'rotate-webhook-secret', 'told', '--emergency')).secret).not.toBe(first.secret);
  expect((await run('team', 'webhook-hosts', 'told')).webhookHosts).toEqual([]);
  expect((await withUrl()).json.error.message).toContain('allowed: none');
  await expect(run('team', 'webhook-hosts', 'told', 'https://x.example')).rejects.toThrow(/is not a host/);
  expect(await recorded(id)).toEqual([
    expect.stringMatching(/team.create$/),
    'cli team.update',
    'cli team.rotate_webhook_secret',
    'cli team.rotate_webhook_secret',
    'cli team.update',
  ]);
});

test('an endpoint is made, rotated and replayed, and the record says that the command line did it', async () => {
  await run('team', 'create', 'listeners');
  const { id, secret } = await run(
    ...['webhook', 'create', '--team', 'listeners', '--url', 'https://hooks.example.com/'],
  );
  expect(secret).toMatch(/^whsec_/);
  expect((await run('webhook', 'rotate', id)).secret).not.toBe(secret);
  expect(await run('webhook', 'replay', id, '--since', '2026-01-01')).toEqual({ id, count: 0 });
  expect(await recorded(id)).toEqual([
    'cli webhook_endpoint.create',
    'cli webhook_endpoint.rotate_secret',
    'cli webhook_endpoint.replay',
  ]);
});

test('a moment that is none is refused by the name of its option', async () => {
  await expect(run('usage', 'show', '--from', 'yesterday')).rejects.toThrow(/--from .* such as 2026-11-02/);
  await expect(run('usage', 'show', '--to', '1')).rejects.toThrow(/--to .* such as 2026-11-02/);
});

test('brakes and velocity breakers hold new videos until they are taken away', async () => {
  await run('team', 'create', 'trailers');
  const { secret, id } = await run('key', 'create', '--team', 'trailers');
  for (const whose of [['--key', id], ['--organization']]) {
    await run('brake', 'pull', ...whose, '--reason', 'an incident');
    expect((await create(secret)).json.error).toMatchObject({
      code: 'creates_paused',
      message: expect.stringContaining('an incident'),
    });
    await run('brake', 'release', ...whose);
    expect((await create(secret)).status).toBe(200);
  }
  expect(await run('velocity', 'set', '--team', 'trailers', '--cost', '1')).toMatchObject({
    microUsdPerMinute: '1000000',
  });
  expect(await run('velocity', 'list')).toMatchObject([
    { scopeKind: 'team', scopeName: 'trailers', microUsdPerMinute: '1000000', videosPerMinute: null },
  ]);
  const answers = [];
  for (let i = 0; i < 5; i++) answers.push(await create(secret));
  expect(answers.at(-1)?.json.error.code).toBe('creates_paused');
  await run('velocity', 'set', '--team', 'trailers', '--remove');
  expect(await run('velocity', 'list')).toEqual([]);
  await expect(run('velocity', 'set', '--team', 'trailers')).rejects.toThrow(/--videos/);
});

test('a video that an upstream has made is adopted into a team, at what it cost', async () => {
  await run('key', 'create', '--team', 'films');
  const made = await fetch(`${stack.simulator.baseUrl}/videos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sora-2', prompt: 'from before', seconds: '12', size: '720x1280' }),
  });
  const { id: upstreamId } = (await made.json()) as { id: string };
  const command = ['video', 'adopt', 'simulator', upstreamId, '--team', 'films', '--reason', 'an old backup'];
  const adopted = await run(...command, '--cost', '1.000001');
  const { rows } = await stack.database.db.$client.query(
    'select upstream_id, state, est_micro::int, seconds from videos where id = $1',
    [adopted.id],
  );
  expect(rows).toEqual([{ upstream_id: upstreamId, state: 'rendering', est_micro: 1_000_001, seconds: 12 }]);
  expect(await recorded(adopted.id)).toEqual(['cli video.adopt']);
  await expect(run(...command)).rejects.toThrow(/belongs to somebody already/);
  await expect(
    run('video', 'adopt', 'nowhere', upstreamId, '--team', 'films', '--reason', 'x'),
  ).rejects.toThrow(/no upstream 'nowhere'/);
});
