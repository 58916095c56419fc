import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { type CountingProxy, startCountingProxy } from './counting-database-proxy.ts';

let proxy: CountingProxy;
let stack: Stack;
let team: Team;
/** How many statements had been sent when the upstream was asked. */
let sentBefore = 0;
let videos = 0;

const upstream = createServer(async (request, response) => {
  for await (const _ of request);
  sentBefore = proxy.statements.length;
  videos++;
  response.setHeader('content-type', 'application/json').end(
    JSON.stringify({
      id: `video_upstream_${videos}`,
      object: 'video',
      status: 'queued',
      model: 'sora-2',
      progress: 0,
      created_at: Math.floor(Date.now() / 1_000),
      seconds: '4',
      size: '720x1280',
      prompt: 'a kite',
      completed_at: null,
      expires_at: null,
      error: null,
      remixed_from_video_id: null,
    }),
  );
});

beforeAll(async () => {
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
  const { port } = upstream.address() as AddressInfo;
  proxy = await startCountingProxy('reelgate-gateway');
  stack = await startStack({
    databaseUrl: proxy.url,
    upstream: { url: `http://127.0.0.1:${port}/v1`, apiKey: 'an upstream key' },
  });
  team = await stack.addTeam(1_000_000_000n);
});
afterAll(async () => {
  await stack?.close();
  await proxy?.close();
  upstream.close();
});

/** Beside the request, and not in its way: when the key was last used, and that an answer was wholly sent. */
const BESIDE = /^update .* set "(last_used_at|answered_at|read_at)"/;

test('a create takes one round trip to Postgres before the upstream is asked, and one after, and none for its key', async () => {
  // Once, so that the key, the models and a connection are known.
  expect((await stack.create(team)).status).toBe(200);

  const from = proxy.statements.length;
  const answer = await stack.create(team, { prompt: 'another kite' });
  const until = proxy.statements.length;
  expect(answer).toMatchObject({ status: 200, json: { status: 'queued' } });
  const between = (start: number, end: number) =>
    proxy.statements.slice(start, end).filter((statement) => !BESIDE.test(statement));
  expect(between(from, sentBefore)).toEqual([expect.stringContaining('accept_video(')]);
  expect(between(sentBefore, until)).toEqual([expect.stringContaining('record_accepted(')]);
});

test('a read takes one', async () => {
  const { id } = (await stack.create(team)).json;
  await stack.ask(team, 'GET', `/v1/videos/${id}`);
  const from = proxy.statements.length;
  expect((await stack.ask(team, 'GET', `/v1/videos/${id}`)).status).toBe(200);
  const sent = proxy.statements.slice(from).filter((statement) => !BESIDE.test(statement));
  expect(sent).toEqual([expect.stringMatching(/^select .* from "videos"/s)]);
});
