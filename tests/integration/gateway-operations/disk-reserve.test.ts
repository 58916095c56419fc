/** A disk that fills up: nothing new is taken, and what is there stays. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { BOUNDARY, file, form, text } from './forms.ts';
import { makingRequests } from './truth.ts';

let stack: Stack;
let team: Team;
let full: string;
beforeAll(async () => {
  stack = await startStack();
  await stack.startWorker();
  team = await stack.addTeam(1_000_000_000n);
  // More than any disk has.
  full = (await stack.startGateway({ DISK_RESERVE: '4000000GiB' })).origin;
});
afterAll(() => stack.close());

test('with less than the reserve free, every way to something new is refused and costs nothing', async () => {
  const { id } = (await stack.create(team)).json;
  await vi.waitUntil(
    async () => (await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status === 'completed',
    {
      timeout: 30_000,
      interval: 100,
    },
  );
  const before = await makingRequests(stack);
  const usage = (await stack.ask(team, 'GET', '/v1/quota')).json;

  const json = (path: string, body: object) => stack.ask(team, 'POST', path, { origin: full, json: body });
  const refused = [
    await json('/v1/videos', { prompt: 'a kite' }),
    await json('/v1/videos/edits', { prompt: 'a red kite', video: { id } }),
    await json(`/v1/videos/${id}/remix`, { prompt: 'a green kite' }),
    await stack.ask(team, 'POST', '/v1/videos', {
      origin: full,
      body: form(text('prompt', 'x'), file('input_reference', 'Example data')),
      headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    }),
  ];
  for (const answer of refused) {
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'x-should-retry': 'true', 'retry-after': '30' },
      json: {
        error: {
          message: 'There is no room for new videos at the moment. Please try again later.',
          type: 'server_error',
          param: null,
          code: 'service_unavailable',
        },
      },
    });
  }
  expect(await makingRequests(stack)).toEqual(before);
  expect((await stack.ask(team, 'GET', '/v1/quota')).json).toEqual(usage);

  // What is there can be read, and the gateway goes on to be sent readers.
  const read = async (path: string) => (await stack.ask(team, 'GET', path, { origin: full })).status;
  expect(
    await Promise.all(
      [`/v1/videos/${id}`, `/v1/videos/${id}/content`, '/v1/videos', '/health/ready'].map(read),
    ),
  ).toEqual([200, 200, 200, 200]);
});
