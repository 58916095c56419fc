/** More requests than a gateway has places for: what matters least is refused first, and what is refused costs nothing. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { makingRequests } from '../gateway-operations/truth.ts';
import { type Answer, type Stack, startStack, type Team } from './gateway-process.ts';

/** Of eight places views get the first four and downloads six; one team has half of each. */
const PLACES = 8;
/** Far more than the buffers on the way hold. */
const VIDEO_BYTES = 48 * 2 ** 20;

let stack: Stack;
let teams: readonly [Team, Team, Team];
let admin: { secret: string };
let videos: readonly string[];
const open = new Set<Socket>();
beforeAll(async () => {
  stack = await startStack({ env: { CONCURRENT_REQUESTS: String(PLACES) } });
  teams = await Promise.all([
    stack.addTeam(100_000_000n),
    stack.addTeam(100_000_000n),
    stack.addTeam(100_000_000n),
  ]);
  admin = await stack.addAdmin();
  await stack.startWorker();
  const prompt = `a kite [[sim content_padding_bytes=${VIDEO_BYTES}]]`;
  videos = await Promise.all(teams.map(async (team) => (await stack.create(team, { prompt })).json.id));
  for (const [no, team] of teams.entries()) {
    await vi.waitFor(async () => expect((await poll(team, no)).json.status).toBe('completed'), 60_000);
  }
}, 90_000);
afterAll(() => stack.close());
afterEach(async () => {
  for (const socket of open) socket.destroy();
  open.clear();
  // Until the gateway has seen that its readers are gone.
  await vi.waitFor(async () => expect((await list(teams[0])).status).toBe(200), 5_000);
});

const list = (team: Pick<Team, 'secret'>) => stack.ask(team, 'GET', '/v1/videos');
const poll = (team: Team, no: number) => stack.ask(team, 'GET', `/v1/videos/${videos[no]}`);
const download = (team: Team, no: number) =>
  stack.ask(team, 'GET', `/v1/videos/${videos[no]}/content`, { headers: { range: 'bytes=0-9' } });

function send({ secret }: Team, head: string): Socket {
  const socket = connect(stack.gateway.port, '127.0.0.1');
  open.add(socket);
  socket.on('error', () => {});
  socket.write(`${head}\r\nhost: localhost\r\nauthorization: Bearer ${secret}\r\n\r\n`);
  return socket;
}

/** Downloads that nobody reads on: the answer has begun, and does not end. */
async function holdDownloads(team: Team, no: number, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const socket = send(team, `GET /v1/videos/${videos[no]}/content HTTP/1.1`);
    const [head] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    expect(head.toString('latin1')).toMatch(/^HTTP\/1\.1 200 /);
  }
}

/** Creates whose bodies do not come to their end. */
async function holdCreates(team: Team, count: number): Promise<void> {
  const head =
    'POST /v1/videos HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\nexpect: 100-continue';
  for (let n = 0; n < count; n++) {
    const socket = send(team, head);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 100 /);
    socket.write('{');
  }
}

function expectShed(answer: Answer): void {
  expect(answer).toMatchObject({
    status: 503,
    headers: { 'x-should-retry': 'true', 'retry-after': expect.stringMatching(/^[1-4]$/) },
    json: { error: { type: 'server_error', code: 'overloaded', param: null } },
  });
}

test('slow downloads make lists and the Admin API wait, then other downloads, and never creates or a look at a video', async () => {
  const [greedy, other, quiet] = teams;
  await holdDownloads(greedy, 0, 3);
  // All that one team may hold, and others notice nothing.
  expectShed(await download(greedy, 0));
  expect((await list(quiet)).status).toBe(200);
  expect((await download(quiet, 2)).status).toBe(206);

  await holdDownloads(other, 1, 3);
  expectShed(await list(quiet));
  expectShed(await stack.ask(admin, 'GET', '/admin/v1/videos'));
  expectShed(await download(quiet, 2));
  expect((await stack.create(quiet)).status).toBe(200);
  expect((await stack.create(greedy)).status).toBe(200);
  for (const [no, team] of teams.entries()) expect((await poll(team, no)).status).toBe(200);
});

test('a create for which there is no place either is refused with nothing reserved, and videos can still be asked for', async () => {
  const [one, other, third] = teams;
  await holdDownloads(one, 0, 3);
  await holdDownloads(other, 1, 3);
  await holdCreates(third, 2);
  const quota = async (team: Team) => {
    const { rows } = await stack.database.db.$client.query(
      `select b.reserved, b.settled from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1`,
      [team.teamId],
    );
    return rows;
  };
  const [made, before] = [await makingRequests(stack), await quota(one)];
  expectShed(await stack.create(one));
  expectShed(await stack.ask(third, 'POST', `/v1/videos/${videos[2]}/remix`, { json: { prompt: 'red' } }));
  expect(await makingRequests(stack)).toEqual(made);
  expect(await quota(one)).toEqual(before);
  expect((await poll(one, 0)).status).toBe(200);
  expect((await stack.ask(null, 'GET', '/health/ready')).status).toBe(200);

  for (const socket of open) socket.destroy();
  await vi.waitFor(async () => expect((await stack.create(one)).status).toBe(200), 5_000);
});
