/** Events as pages and as streams: whoever comes back goes on where it was, misses nothing and sees nothing twice. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { type Message, readEvents } from './event-client.ts';

let stack: Stack;
let team: Team;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());
beforeEach(async () => {
  team = await stack.addTeam();
});

const stream = () => `${stack.gateway.origin}/v1/events/stream`;
const get = async (path: string, who = team) => await stack.ask(who, 'GET', path);
const emit = (id: string, teamId = team.teamId) =>
  stack.database.db.$client.query(
    `select emit_event($1, 'quota.exhausted', null, json_build_object('id', $2::text))`,
    [teamId, id],
  );
const idsOf = (page: { data: { data: { id: string } }[] }) => page.data.map(({ data }) => data.id);
const aboutOf = (message: Message): string => JSON.parse(message.data).data.id;

test('pages go through all of them in either order, also while more are written', async () => {
  for (let i = 0; i < 7; i += 1) await emit(`q${i}`);
  const newest = (await get('/v1/events?limit=3')).json;
  expect(idsOf(newest)).toEqual(['q6', 'q5', 'q4']);
  expect(newest.has_more).toBe(true);
  await emit('q7');
  const next = (await get(`/v1/events?limit=3&after=${newest.last_id}`)).json;
  expect(idsOf(next)).toEqual(['q3', 'q2', 'q1']);
  const oldest = (await get('/v1/events?limit=100&order=asc')).json;
  expect(idsOf(oldest)).toEqual(['q0', 'q1', 'q2', 'q3', 'q4', 'q5', 'q6', 'q7']);
  await emit('q8');
  expect(idsOf((await get(`/v1/events?order=asc&after=${oldest.last_id}`)).json)).toEqual(['q8']);
  expect((await get(`/v1/events/${oldest.first_id}`)).json).toEqual(oldest.data[0]);
  expect((await get('/v1/events?type=video.completed')).json.data).toEqual([]);
});

test('no team is told of what is another one’s', async () => {
  await emit('mine');
  const { first_id: id } = (await get('/v1/events')).json;
  const stranger = await stack.addTeam();
  expect((await get('/v1/events', stranger)).json.data).toEqual([]);
  for (const path of [`/v1/events/${id}`, `/v1/events?after=${id}`, `/v1/events/stream?after=${id}`]) {
    const answer = await get(path, stranger);
    expect([answer.status, answer.json.error.code]).toEqual([404, 'event_not_found']);
  }
  const seen: string[] = [];
  const opened = Promise.withResolvers<void>();
  const reading = readEvents(stream(), { secret: stranger.secret, onOpen: opened.resolve }, (message) => {
    seen.push(aboutOf(message));
    return false;
  });
  await opened.promise;
  await emit('mine again');
  await emit('theirs', stranger.teamId);
  await reading;
  expect(seen).toEqual(['theirs']);
});

test('a new event is on the stream within moments', async () => {
  const opened = Promise.withResolvers<void>();
  let tookMs = Number.POSITIVE_INFINITY;
  let startedAt = 0;
  const reading = readEvents(stream(), { secret: team.secret, onOpen: opened.resolve }, () => {
    tookMs = performance.now() - startedAt;
    return false;
  });
  await opened.promise;
  // The stream begins a moment after its head; what is told before that is found by its own look.
  await wait(50);
  startedAt = performance.now();
  await emit('q');
  await reading;
  expect(tookMs).toBeLessThan(1_000);
});

test('a client that comes back a hundred times under load misses nothing and sees nothing twice', async () => {
  const total = 1_500;
  const perWriter = 100;
  await emit('begin');
  const { last_id: begin } = (await get('/v1/events?order=asc')).json;
  // Writers hold their transactions open for different times, so that commits come out of order.
  const writers = Array.from({ length: total / perWriter }, async (_, writer) => {
    for (let i = 0; i < perWriter; i += 1) {
      const client = await stack.database.db.$client.connect();
      try {
        await client.query('begin');
        await client.query(
          `select emit_event($1, 'quota.exhausted', null, json_build_object('id', $2::text))`,
          [team.teamId, `${writer}-${i}`],
        );
        if ((writer + i) % 3 === 0) await wait((writer * i) % 7);
        await client.query('commit');
      } finally {
        client.release();
      }
    }
  });
  const seen: string[] = [];
  let lastEventId = begin;
  let connections = 0;
  while (seen.length < total) {
    connections += 1;
    let left = connections <= 100 ? 1 + (connections % 20) : Number.POSITIVE_INFINITY;
    const { status } = await readEvents(stream(), { secret: team.secret, lastEventId }, (message) => {
      seen.push(aboutOf(message));
      lastEventId = message.id;
      left -= 1;
      return left > 0 && seen.length < total;
    });
    expect(status).toBe(200);
  }
  await Promise.all(writers);
  expect(connections).toBeGreaterThan(100);
  expect(new Set(seen).size).toBe(total);
  expect(seen).toHaveLength(total);
  // Each writer's own events are in its own order.
  const last = new Map<string, number>();
  for (const id of seen) {
    const [writer = '', no = ''] = id.split('-');
    expect(Number(no)).toBe((last.get(writer) ?? -1) + 1);
    last.set(writer, Number(no));
  }
});

test('the stream of a video tells its whole story and ends with it', async () => {
  const worker = await stack.startWorker();
  const { json: video } = await stack.create(team);
  const url = `${stack.gateway.origin}/v1/videos/${video.id}/events`;
  const seen: Message[] = [];
  const first = await readEvents(url, { secret: team.secret }, (message) => {
    seen.push(message);
    return true;
  });
  expect(first).toMatchObject({ status: 200, contentType: 'text/event-stream; charset=utf-8' });
  expect(seen.map(({ event }) => event)).toEqual([
    'video.queued',
    'video.in_progress',
    'video.rendered',
    'video.completed',
  ]);
  expect(new Set(seen.map(aboutOf))).toEqual(new Set([video.id]));
  const again = await readEvents(url, { secret: team.secret, lastEventId: seen.at(-1)?.id }, () => true);
  expect(again.status).toBe(204);
  const rest: string[] = [];
  await readEvents(url, { secret: team.secret, lastEventId: seen[1]?.id }, (message) => {
    rest.push(message.event);
    return true;
  });
  expect(rest).toEqual(['video.rendered', 'video.completed']);
  const stranger = await stack.addTeam();
  expect((await get(`/v1/videos/${video.id}/events`, stranger)).status).toBe(404);
  await worker.stop();
});

test('streams are bounded for each team, and their readers do not keep a gateway from stopping', async () => {
  const another = await stack.startGateway();
  const url = `${another.origin}/v1/events/stream`;
  let opened = 0;
  const readers = Array.from({ length: 20 }, () =>
    readEvents(url, { secret: team.secret, onOpen: () => opened++ }, () => true),
  );
  while (opened < 20) await wait(5);
  const refused = await stack.ask(team, 'GET', '/v1/events/stream', { origin: another.origin });
  expect([refused.status, refused.json.error.code]).toEqual([429, 'rate_limit_exceeded']);
  const stranger = await stack.addTeam();
  await readEvents(
    url,
    { secret: stranger.secret, onOpen: () => void emit('q', stranger.teamId) },
    () => false,
  );
  const startedAt = performance.now();
  expect(await another.stop()).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(8_000);
  expect((await Promise.all(readers)).map(({ status }) => status)).toEqual(Array(20).fill(200));
});
