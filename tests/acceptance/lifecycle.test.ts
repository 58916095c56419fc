import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { clientOf, untilCompleted } from './shared-stack.ts';
import { type Connection, makeHome, removeHome, type Stack, startInVain, startStack } from './stack.ts';

describe('stopping and starting', () => {
  let home: string;
  let stack: Stack | undefined;

  beforeAll(async () => {
    home = await makeHome();
  });

  afterAll(async () => {
    await stack?.end('SIGTERM');
    await removeHome(home);
  });

  test('data and key survive Ctrl-C and kill -9', async () => {
    stack = await startStack(home, '--no-sample');
    const first = await stack.connection();
    const client = clientOf(first);
    const { id } = await client.videos.create({ model: 'sora-2', prompt: 'Keep me', seconds: '4' });
    await untilCompleted(client, id);

    const second = await startInVain(home, '--port', '0');
    expect(second.code).toBe(1);
    expect(second.output).toContain(`already runs here (pid ${stack.pid}, ${new URL(first.baseURL).origin})`);

    expect(await stack.end('SIGINT')).toBe(0);
    const stops = [...stack.output().matchAll(/^ {2}(\w+) stopped$/gm)].map((match) => match[1]);
    expect(stops).toEqual(['gateway', 'worker', 'simulator', 'inbox', 'Postgres']);
    expect(living(first)).toEqual([]);
    for (const file of ['lock', 'connection.json']) await expect(access(join(home, file))).rejects.toThrow();

    stack = await startStack(home, '--no-sample');
    await expectSame(stack, first, id);
    const killed = await stack.connection();

    expect(await stack.end('SIGKILL')).toBe('SIGKILL');
    const lock = await readFile(join(home, 'lock'), 'utf8');
    expect(lock).toContain(`${stack.pid}`);
    // At once: what the killed one left behind is the next start's business.
    stack = await startStack(home, '--no-sample');
    expect(stack.output()).toMatch(/Stale lock: .*Taking over/);
    expect(living(killed)).toEqual([]);
    await expectSame(stack, first, id);
  });

  test('kill -9 of the stack ends everything it started', async () => {
    const running = stack ?? (await startStack(home, '--no-sample'));
    const connection = await running.connection();
    await running.end('SIGKILL');
    stack = undefined;
    await vi.waitUntil(() => living(connection).length === 0, { timeout: 30_000, interval: 100 });
  });
});

test('a busy port is named, with what to do about it', async () => {
  const home = await makeHome();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, output } = await startInVain(home, '--port', `${port}`);
  server.close();
  await removeHome(home);
  expect(code).toBe(1);
  expect(output).toContain(`Port ${port} is in use`);
  expect(output).toContain('npm start -- --port ');
});

test('a mistyped option is refused with a sentence', async () => {
  const home = await makeHome();
  const { code, output } = await startInVain(home, '--prot', '8081');
  await removeHome(home);
  expect(code).toBe(1);
  expect(output).toContain('--prot');
  expect(output).not.toMatch(/^\s+at /m);
});

async function expectSame(stack: Stack, before: Connection, id: string): Promise<void> {
  const now = await stack.connection();
  expect(now.apiKey).toBe(before.apiKey);
  expect(now.webhookSecret).toBe(before.webhookSecret);
  const client = clientOf(now);
  expect((await client.videos.list()).data.map((video) => video.id)).toEqual([id]);
  expect((await (await client.videos.downloadContent(id)).bytes()).length).toBeGreaterThan(1000);
}

/** Names of its processes that still run. One that nobody has collected yet (a zombie) does not. */
function living({ pids }: Connection): string[] {
  return Object.entries(pids)
    .filter(([, pid]) => {
      try {
        process.kill(pid, 0);
      } catch {
        return false;
      }
      return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    })
    .map(([name]) => name);
}
