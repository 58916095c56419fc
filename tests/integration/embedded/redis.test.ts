import { once } from 'node:events';
import { connect } from 'node:net';
import { type RedisServer, startRedis } from '@reelgate/embedded';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isAlive, startInParent, temporaryDirectory } from './servers.ts';

async function start(directory: string, port?: number): Promise<RedisServer> {
  const server = await startRedis({ directory, ...(port !== undefined && { port }) });
  onTestFinished(() => server.stop());
  return server;
}

/** Sends commands as plain lines and resolves with the plain lines of the answer. */
async function talk({ port }: { port: number }, commands: string[]): Promise<string[]> {
  const socket = connect({ host: '127.0.0.1', port }).setEncoding('utf8');
  let answer = '';
  socket.on('data', (text: string) => {
    answer += text;
  });
  socket.end([...commands, 'QUIT', ''].join('\r\n'));
  await once(socket, 'close');
  return answer.split('\r\n').slice(0, -2);
}

const authenticate = ({ url }: { url: string }) => `AUTH ${new URL(url).password}`;

test('answers PING to who has the password, and never evicts', async () => {
  const server = await start(await temporaryDirectory());
  const answer = await talk(server, ['PING', authenticate(server), 'PING', 'CONFIG GET maxmemory-policy']);
  expect(answer[0]).toMatch(/^-NOAUTH/);
  expect(answer.slice(1, 3)).toEqual(['+OK', '+PONG']);
  expect(answer).toContain('noeviction');
});

test('keeps its data over a restart', async () => {
  const directory = await temporaryDirectory();
  const first = await start(directory);
  expect(await talk(first, [authenticate(first), 'SET kept 42'])).toEqual(['+OK', '+OK']);
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);
  const second = await start(directory);
  expect(await talk(second, [authenticate(second), 'GET kept'])).toContain('42');
});

test('ends soon after its parent has been killed', async () => {
  const parent = await startInParent('redis', await temporaryDirectory());
  await parent.kill();
  await vi.waitFor(() => expect(isAlive(parent.server.pid)).toBe(false), { timeout: 5000 });
});

test('starts again at once, on the same port, after its parent has been killed', async () => {
  const directory = await temporaryDirectory();
  const { server, kill } = await startInParent('redis', directory);
  expect(await talk(server, [authenticate(server), 'SET kept 42'])).toEqual(['+OK', '+OK']);
  await kill();
  const second = await start(directory, server.port);
  expect(await talk(second, [authenticate(second), 'GET kept'])).toContain('42');
});

test('can be fetched by two processes at the same time', async () => {
  const cache = await temporaryDirectory();
  const environment = { XDG_CACHE_HOME: cache };
  const directories = [await temporaryDirectory(), await temporaryDirectory()];
  const parents = await Promise.all(
    directories.map((directory) => startInParent('redis', directory, environment)),
  );
  for (const { server } of parents) {
    expect(await talk(server, [authenticate(server), 'PING'])).toEqual(['+OK', '+PONG']);
  }
});
