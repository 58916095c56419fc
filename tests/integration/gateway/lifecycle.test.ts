import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type FaultyLink, startFaultyLink } from '@reelgate/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from './gateway-process.ts';

let link: FaultyLink;
let stack: Stack;
let team: Team;

beforeAll(async () => {
  stack = await startStack({
    async databaseUrl(direct) {
      const url = new URL(direct);
      link = await startFaultyLink({ host: url.hostname, port: Number(url.port) });
      url.host = `127.0.0.1:${link.port}`;
      return url.href;
    },
  });
  team = await stack.addTeam();
});
afterAll(async () => {
  await stack.close();
  await link.close();
});

test('several gateways start at once on one database, and serve the same videos', async () => {
  const others = await Promise.all([stack.startGateway(), stack.startGateway()]);
  const { id } = (await stack.create(team)).json;
  for (const { origin } of others) {
    expect((await stack.ask(team, 'GET', `/v1/videos/${id}`, { origin })).status).toBe(200);
  }
  expect(await Promise.all(others.map((gateway) => gateway.stop()))).toEqual([0, 0]);
});

test('live and ready', async () => {
  expect(await stack.ask(null, 'GET', '/health/live')).toMatchObject({ status: 200, json: { ok: true } });
  expect(await stack.ask(null, 'GET', '/health/ready')).toMatchObject({
    status: 200,
    json: { ok: true, failing: [] },
  });
});

describe('without its database', () => {
  test('it lives, is not ready, answers 503 that is worth trying again, and recovers by itself', async () => {
    await stack.ask(team, 'GET', '/v1/videos');
    await link.set({ kind: 'refused' });
    try {
      expect((await stack.ask(null, 'GET', '/health/live')).status).toBe(200);
      for (const [method, path] of [
        ['GET', '/v1/videos'],
        ['POST', '/v1/videos'],
      ] as const) {
        const json = method === 'POST' ? { prompt: 'x' } : undefined;
        // The first one may meet a connection that was cut under it.
        await vi.waitUntil(
          async () => {
            const answer = await stack.ask(team, method, path, { json });
            expect(answer).toMatchObject({
              status: 503,
              json: { error: { type: 'server_error', code: 'service_unavailable' } },
            });
            return answer.headers['x-should-retry'] === 'true';
          },
          { timeout: 10_000, interval: 50 },
        );
      }
      await vi.waitUntil(
        async () => {
          const { status, json } = await stack.ask(null, 'GET', '/health/ready');
          return status === 503 && json.failing.includes('database');
        },
        { timeout: 10_000, interval: 50 },
      );
    } finally {
      await link.set({ kind: 'none' });
    }
    await vi.waitUntil(async () => (await stack.ask(team, 'GET', '/v1/videos')).status === 200, {
      timeout: 10_000,
      interval: 50,
    });
    await vi.waitUntil(async () => (await stack.ask(null, 'GET', '/health/ready')).status === 200, {
      timeout: 10_000,
      interval: 50,
    });
    expect(stack.gateway.output()).not.toContain(team.secret);
  });

  test('what is asked on a connection that was forgotten on the way gets 503, and the next an answer', async () => {
    await stack.ask(team, 'GET', '/v1/videos');
    await link.set({ kind: 'forgotten' });
    const asked = await Promise.all(Array.from({ length: 4 }, () => stack.ask(team, 'GET', '/v1/videos')));
    const failed = asked.filter(({ status }) => status !== 200);
    expect(failed.length).toBeGreaterThan(0);
    for (const answer of failed) {
      expect(answer).toMatchObject({ status: 503, json: { error: { code: 'service_unavailable' } } });
    }
    await link.set({ kind: 'none' });
    await vi.waitUntil(async () => (await stack.ask(team, 'GET', '/v1/videos')).status === 200, {
      timeout: 10_000,
      interval: 50,
    });
  });
});

test('while it stops it is not ready, and still answers', async () => {
  const gateway = await stack.startGateway({ SHUTDOWN_DELAY: '2s' });
  const stopping = gateway.stop();
  await vi.waitUntil(
    async () => (await stack.ask(null, 'GET', '/health/ready', { origin: gateway.origin })).status === 503,
    { timeout: 1_500, interval: 20 },
  );
  const answer = await stack.ask(team, 'GET', '/v1/videos', { origin: gateway.origin });
  expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' } });
  expect(await stopping).toBe(0);
});

test('a wrong environment: every variable is named, and the exit code says that it is the configuration', async () => {
  const main = fileURLToPath(new URL('../../../apps/gateway/src/main.ts', import.meta.url));
  const child = fork(main, {
    env: { PORT: 'many', S3_BUCKET: 'b', OBJECTS_DIRECTORY: '/d', REELGATE_SECRET_KEY: 'c2hvcnQ=' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  let output = '';
  child.stderr?.on('data', (text) => {
    output += text;
  });
  expect((await once(child, 'close'))[0]).toBe(78);
  for (const name of [
    'PORT',
    'DATABASE_URL',
    'REELGATE_KEY_PEPPER',
    'REELGATE_SECRET_KEY',
    'REELGATE_CONFIG',
  ]) {
    expect(output).toContain(`  ${name}: `);
  }
  expect(output).not.toContain('c2hvcnQ=');
});
