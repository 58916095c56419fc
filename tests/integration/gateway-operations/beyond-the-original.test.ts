import { modelListSchema, modelSchema, quoteSchema } from '@reelgate/contract';
import { setQuota } from '@reelgate/core';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { costQuota, type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { makingRequests } from './truth.ts';

const MODEL_OF_A_FAMILY = `
  - name: acme/wan-2.1:14b
    upstream: simulator
    upstreamModel: sora-2
    seconds: [4]
    sizes: [1280x720]
    pricePerSecond: { 1280x720: '0.05' }
`;

let stack: Stack;
let team: Team;
let openai: OpenAI;

beforeAll(async () => {
  stack = await startStack({ configuration: MODEL_OF_A_FAMILY });
  await stack.startWorker();
  team = await stack.addTeam();
  openai = new OpenAI({ apiKey: team.secret, baseURL: `${stack.gateway.origin}/v1`, maxRetries: 0 });
});
afterAll(() => stack.close());
beforeEach(() => stack.simulator.control('DELETE', 'rules'));

describe('models and quotes', () => {
  test('models are as configured, and as the SDK expects them', async () => {
    const { json } = await stack.ask(team, 'GET', '/v1/models');
    expect(modelListSchema.parse(json)).toEqual(json);
    expect(json.data).toMatchObject([
      { id: 'acme/wan-2.1:14b', seconds: ['4'] },
      {
        id: 'sora-2',
        operations: ['create', 'remix', 'edit', 'extend'],
        characters: true,
        seconds: ['4', '8', '12'],
        sizes: ['720x1280', '1280x720'],
        price_per_second_micro_usd: { '720x1280': 100_000, '1280x720': 100_000 },
      },
    ]);
    const model = await openai.models.retrieve('sora-2');
    expect(modelSchema.parse(model)).toEqual(json.data[1]);
    // The SDK encodes the slash.
    expect(await openai.models.retrieve('acme/wan-2.1:14b')).toEqual(json.data[0]);
    for (const spelling of ['acme/wan-2.1:14b', 'acme%2Fwan-2.1%3A14b', 'acme%2fwan-2.1:14b'])
      expect((await stack.ask(team, 'GET', `/v1/models/${spelling}`)).json).toEqual(json.data[0]);
    await expect(openai.models.retrieve('sora-9')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });

  test('a quote says the price and what is left, and nothing is made', async () => {
    const quoted = await stack.addTeam();
    await setQuota(stack.database, costQuota(quoted.teamId, 1_000_000n));
    const before = await makingRequests(stack);
    const ask = (seconds: string) =>
      stack.ask(quoted, 'POST', '/v1/videos/quote', { json: { seconds, seed: 1 } });
    const { json } = await ask('8');
    expect(quoteSchema.parse(json)).toEqual(json);
    expect(json).toMatchObject({ cost_micro_usd: 800_000, accepted: true, refusal: null, seconds: '8' });
    expect(json.limits).toMatchObject([
      { metric: 'cost', limit: '1000000', used: '0', left_after: '200000' },
    ]);

    const tooMuch = await ask('12');
    expect(quoteSchema.parse(tooMuch.json)).toEqual(tooMuch.json);
    const created = await stack.create(quoted, { seconds: '12' });
    expect(tooMuch.json).toMatchObject({ accepted: false, refusal: created.json.error });
    expect(await ask('5')).toMatchObject({ status: 400, json: { error: { param: 'seconds' } } });
    expect(await makingRequests(stack)).toBe(before);
  });
});

test('cancel ends what no upstream was sent, and refuses what has begun', async () => {
  const cancelled = await stack.addTeam(10_000_000n);
  const cancel = (id: string) => stack.ask(cancelled, 'POST', `/v1/videos/${id}/cancel`);
  await stack.simulator.control('POST', 'rules', {
    match: { operation: 'create', prompt_contains: 'patience' },
    times: 100,
    behaviour: { rate_limited: true, retry_after: 60 },
  });
  const { json } = await stack.create(cancelled, { prompt: 'patience' });
  expect(json.status).toBe('queued');
  expect(await cancel(json.id)).toMatchObject({
    status: 200,
    json: { id: json.id, status: 'failed', error: { code: 'cancelled' } },
  });
  const over = { code: 'not_cancellable', message: expect.stringContaining('is failed') };
  expect(await cancel(json.id)).toMatchObject({ status: 400, json: { error: over } });
  const done = { json: { prompt: 'done' }, headers: { prefer: 'wait=30' } };
  const { id } = (await stack.ask(cancelled, 'POST', '/v1/videos', done)).json;
  expect((await cancel(id)).json.error.message).toContain('is completed');

  const under = await stack.create(cancelled, { prompt: 'under way [[sim stuck]]' });
  expect(await cancel(under.json.id)).toMatchObject({
    status: 400,
    json: { error: { code: 'not_cancellable', type: 'invalid_request_error' } },
  });
  const { rows } = await stack.database.db.$client.query(
    'select b.reserved::int from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1',
    [cancelled.teamId],
  );
  expect(rows).toEqual([{ reserved: 400_000 }]);
});

describe('Prefer: wait', () => {
  test('a create answers when it is through, and says that it has waited', async () => {
    const answer = await stack.ask(team, 'POST', '/v1/videos', {
      json: { prompt: 'quick' },
      headers: { prefer: 'respond-async, wait=30' },
    });
    expect(answer.json.status).toBe('completed');
    expect(answer.headers['preference-applied']).toBe('wait=30');
    expect(answer.headers['openai-poll-after-ms']).toBeUndefined();
  });

  test('a look answers after that time at the latest, and at once without it', async () => {
    const { json } = await stack.create(team, { prompt: 'slow [[sim stuck]]' });
    const look = async (headers: Record<string, string>) => {
      const startedAt = performance.now();
      const answer = await stack.ask(team, 'GET', `/v1/videos/${json.id}`, { headers });
      return { answer, tookMs: performance.now() - startedAt };
    };
    const waited = await look({ prefer: 'wait=1' });
    expect(waited.answer.json.status).not.toBe('completed');
    expect(waited.answer.headers['openai-poll-after-ms']).toBeDefined();
    expect(waited.tookMs).toBeGreaterThanOrEqual(990);
    expect(waited.tookMs).toBeLessThan(5_000);
    const atOnce = [await look({}), await look({}), await look({})].map(({ tookMs }) => tookMs);
    expect(Math.min(...atOnce)).toBeLessThan(900);
  });

  test('a failure ends it too', async () => {
    const answer = await stack.ask(team, 'POST', '/v1/videos', {
      json: { prompt: 'bad [[sim fail=moderation]]' },
      headers: { prefer: 'wait=30' },
    });
    expect(answer.json).toMatchObject({ status: 'failed', error: { code: 'moderation_blocked' } });
  });

  test('who waits holds no connection to the database', async () => {
    const small = await stack.startGateway({ DATABASE_CONNECTIONS: '2' });
    const { json } = await stack.create(team, { prompt: 'held [[sim stuck]]' });
    const options = { headers: { prefer: 'wait=4' }, origin: small.origin };
    const waiters = Array.from({ length: 20 }, () =>
      stack.ask(team, 'GET', `/v1/videos/${json.id}`, options),
    );
    const startedAt = performance.now();
    await stack.ask(team, 'GET', `/v1/videos/${json.id}`, { origin: small.origin });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    for (const answer of await Promise.all(waiters)) expect(answer.status).toBe(200);
  });
});

describe('labels and filters', () => {
  test('labels come back in every answer, select in lists, and do not reach the upstream', async () => {
    const mine = await stack.addTeam();
    const spring = await stack.create(mine, { metadata: { campaign: 'spring', 'a b': 'x' } });
    const none = await stack.create(mine, { metadata: {} });
    expect(spring.json.metadata).toEqual({ campaign: 'spring', 'a b': 'x' });
    expect(Object.keys(none.json)).toHaveLength(13);
    const sdk = new OpenAI({ apiKey: mine.secret, baseURL: `${stack.gateway.origin}/v1` });
    const body = { prompt: 'form', metadata: { campaign: 'autumn' } } as OpenAI.VideoCreateParams;
    expect(await sdk.videos.create(body)).toMatchObject({ metadata: { campaign: 'autumn' } });

    const list = async (query: string) => (await stack.ask(mine, 'GET', `/v1/videos?${query}`)).json.data;
    const ids = async (query: string) => (await list(query)).map((video: { id: string }) => video.id);
    expect(await ids('metadata[campaign]=spring')).toEqual([spring.json.id]);
    expect(await ids('metadata%5Bcampaign%5D=spring&metadata[a%20b]=x')).toEqual([spring.json.id]);
    expect(await ids('metadata[campaign]=winter')).toEqual([]);
    expect((await list('metadata[campaign]=spring'))[0].metadata).toEqual(spring.json.metadata);
    const { rows } = await stack.database.db.$client.query('select params from videos where id = $1', [
      spring.json.id,
    ]);
    expect(rows).toEqual([{ params: {} }]);
  });

  test('status, model, operation and time', async () => {
    const mine = await stack.addTeam();
    const options = { headers: { prefer: 'wait=30' }, json: { prompt: 'one' } };
    const one = await stack.ask(mine, 'POST', '/v1/videos', options);
    const two = await stack.ask(mine, 'POST', `/v1/videos/${one.json.id}/remix`, options);
    const stuck = await stack.create(mine, { prompt: 'two [[sim stuck]]' });
    const ids = async (query: string) =>
      (await stack.ask(mine, 'GET', `/v1/videos?order=asc&${query}`)).json.data.map(
        (video: { id: string }) => video.id,
      );
    expect(await ids('status=completed')).toEqual([one.json.id, two.json.id]);
    expect(await ids('status=failed')).toEqual([]);
    expect(await ids('operation=remix')).toEqual([two.json.id]);
    expect(await ids('model=sora-2')).toEqual([one.json.id, two.json.id, stuck.json.id]);
    expect(await ids('model=sora-1')).toEqual([]);
    expect(await ids(`created_after=${one.json.created_at}`)).toContain(one.json.id);
    expect(await ids(`created_before=${one.json.created_at}`)).toEqual([]);
    expect(await ids('created_after=4000000000')).toEqual([]);
    expect(await stack.ask(mine, 'GET', '/v1/videos?status=cancelled')).toMatchObject({ status: 400 });
  });
});
