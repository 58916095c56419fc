/** Webhook endpoints as the official SDK manages them, and what is ours besides. */
import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { ok, type Receiver, startReceiver } from './receivers.ts';

let stack: Stack;
let team: Team;
let client: OpenAI;
let receiver: Receiver;

beforeAll(async () => {
  stack = await startStack({ env: { WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8' } });
  receiver = await startReceiver(ok);
});
afterAll(async () => {
  await receiver.close();
  await stack.close();
});
beforeEach(async () => {
  team = await stack.addTeam();
  client = new OpenAI({ baseURL: `${stack.gateway.origin}/v1`, apiKey: team.secret, maxRetries: 0 });
});

const create = (name = 'Film desk') =>
  client.webhooks.create({ name, url: receiver.url, event_types: ['video.completed', 'video.failed'] });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof APIError ? [error.status, error.code, error.param] : String(error)),
  );
const query = async (text: string, values: unknown[] = []) =>
  (await stack.database.db.$client.query(text, values)).rows;

describe("the SDK's own resource", () => {
  test('creates, retrieves, updates, lists and deletes, and shows a secret once', async () => {
    const created = await create();
    expect(created).toMatchObject({
      object: 'webhook_endpoint',
      name: 'Film desk',
      url: receiver.url,
      event_types: ['video.completed', 'video.failed'],
      signing_secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      signing_secret_hint: `whsec_...${created.signing_secret.slice(-4)}`,
    });
    const { signing_secret: _, ...shown } = created;
    expect(await client.webhooks.retrieve(created.id)).toEqual(shown);

    const updated = await client.webhooks.update(created.id, {
      name: 'Night desk',
      event_types: ['video.failed'],
    });
    expect(updated).toMatchObject({ name: 'Night desk', url: receiver.url, event_types: ['video.failed'] });
    expect(await client.webhooks.update(created.id, {})).toEqual(updated);

    const ids = [created.id, ...(await Promise.all([create(), create(), create()])).map(({ id }) => id)];
    const listed: string[] = [];
    for await (const endpoint of client.webhooks.list({ limit: 2 })) listed.push(endpoint.id);
    expect(listed.toSorted()).toEqual(ids.toSorted());
    expect(listed.at(-1)).toBe(created.id);

    expect(await client.webhooks.delete(created.id)).toEqual({
      id: created.id,
      object: 'webhook_endpoint.deleted',
      deleted: true,
    });
    expect(await codeOf(client.webhooks.retrieve(created.id))).toEqual([
      404,
      'webhook_endpoint_not_found',
      null,
    ]);
    expect(await query('select from webhook_secrets where endpoint_id = $1', [created.id])).toEqual([]);
    expect((await client.webhooks.eventTypes.list()).data).toContain('video.completed');
  });

  test('rotates with an overlap of a day or none, and keeps at most five', async () => {
    const { id } = await create();
    const lives = async () =>
      (
        await query(
          `select round(extract(epoch from expires_at - clock_timestamp()) / 3600)::int as hours from webhook_secrets where endpoint_id = $1 order by id`,
          [id],
        )
      ).map((row) => row.hours);
    for (let i = 0; i < 4; i += 1)
      await client.webhooks.rotateSecret(id, { keep_old_secret_active_for_24_hours: true });
    expect(await lives()).toEqual([24, 24, 24, 24, null]);
    expect(
      await codeOf(client.webhooks.rotateSecret(id, { keep_old_secret_active_for_24_hours: true })),
    ).toEqual([400, 'invalid_value', 'keep_old_secret_active_for_24_hours']);
    const { signing_secret: secret } = await client.webhooks.rotateSecret(id);
    expect(await lives()).toEqual([null]);
    expect((await client.webhooks.retrieve(id)).signing_secret_hint).toBe(`whsec_...${secret.slice(-4)}`);
  });

  test('sends a sample that verifies, and says what was answered', async () => {
    const { id, signing_secret: secret } = await create();
    const before = receiver.received.length;
    expect(await client.webhooks.test(id, { event_type: 'video.completed' })).toMatchObject({
      object: 'webhook_endpoint.test',
      webhook_endpoint_id: id,
      event_type: 'video.completed',
      success: true,
      status_code: 204,
    });
    const sample = receiver.received[before];
    if (!sample) throw new Error('no sample came');
    expect(await client.webhooks.unwrap(sample.body, sample.headers as never, secret)).toMatchObject({
      type: 'video.completed',
    });
    expect(await query('select from events where team_id = $1', [team.teamId])).toEqual([]);

    await client.webhooks.update(id, { url: 'http://127.0.0.1:9/' });
    expect(await codeOf(client.webhooks.test(id, { event_type: 'video.failed' }))).toEqual([
      400,
      'webhook_endpoint_unreachable',
      null,
    ]);
  });
});

test('what cannot be used is refused, and says why', async () => {
  const attempt = (body: object) => stack.ask(team, 'POST', '/v1/webhook_endpoints', { json: body });
  const valid = { name: 'x', url: receiver.url, event_types: ['video.completed'] };
  for (const [body, code, param] of [
    [{ ...valid, url: undefined }, 'missing_required_parameter', 'url'],
    [{ ...valid, name: undefined }, 'missing_required_parameter', 'name'],
    [{ ...valid, name: '' }, 'invalid_value', 'name'],
    [{ ...valid, event_types: [] }, 'invalid_value', 'event_types'],
    [{ ...valid, event_types: ['batch.completed'] }, 'invalid_value', 'event_types.0'],
    [{ ...valid, url: 'http://169.254.169.254/' }, 'invalid_value', 'url'],
    [{ ...valid, url: 'nowhere' }, 'invalid_value', 'url'],
    [{ ...valid, team_id: 'team_1' }, 'unsupported_parameter', 'team_id'],
    [{ ...valid, kind: 'video' }, 'invalid_value', 'kind'],
  ] as const) {
    const answer = await attempt(body);
    expect([answer.status, answer.json.error.code, answer.json.error.param]).toEqual([400, code, param]);
  }
});

test('no team sees or touches what is another one’s', async () => {
  const { id } = await create();
  const stranger = await stack.addTeam();
  const other = new OpenAI({ baseURL: `${stack.gateway.origin}/v1`, apiKey: stranger.secret, maxRetries: 0 });
  const refused = [404, 'webhook_endpoint_not_found', null];
  expect(await codeOf(other.webhooks.retrieve(id))).toEqual(refused);
  expect(await codeOf(other.webhooks.update(id, { name: 'mine' }))).toEqual(refused);
  expect(await codeOf(other.webhooks.delete(id))).toEqual(refused);
  expect(await codeOf(other.webhooks.rotateSecret(id))).toEqual(refused);
  expect(await codeOf(other.webhooks.test(id, { event_type: 'video.failed' }))).toEqual(refused);
  expect(await codeOf(other.webhooks.list({ after: id }).then((page) => page.data))).toEqual([
    400,
    'invalid_value',
    'after',
  ]);
  expect((await other.webhooks.list()).data).toEqual([]);
  expect((await client.webhooks.retrieve(id)).name).toBe('Film desk');
});

test('what was sent can be looked at and sent again, under the same id and to nobody’s account', async () => {
  await stack.startWorker();
  let status = 500;
  const flaky = await startReceiver((response) => void response.writeHead(status).end('sorry'));
  const { id } = await client.webhooks.create({ name: 'x', url: flaky.url, event_types: ['video.failed'] });
  await query(`select emit_event($1, 'video.failed', null, '{"id":"video_1"}')`, [team.teamId]);
  const get = async (path: string) => (await stack.ask(team, 'GET', path)).json;
  const first = await vi.waitUntil(
    async () => {
      const [delivery] = (await get(`/v1/webhook_endpoints/${id}/deliveries`)).data;
      return delivery?.last_outcome ? delivery : false;
    },
    { timeout: 30_000 },
  );
  expect(first).toMatchObject({
    state: 'pending',
    attempts: 1,
    last_status_code: 500,
    event_type: 'video.failed',
  });
  const detail = await get(`/v1/webhook_deliveries/${first.id}`);
  expect(detail.request_body).toBe(flaky.received[0]?.body);
  expect(detail.attempt_list).toMatchObject([
    {
      no: 1,
      url: flaky.url,
      status_code: 500,
      response_head: 'sorry',
      request_headers: { 'webhook-id': first.event_id, 'webhook-signature': expect.stringMatching(/^v1,/) },
      resolved_ip: '127.0.0.1',
    },
  ]);
  const health = () =>
    query('select failing_since, consecutive_failures from webhook_endpoints where id = $1', [id]);
  const before = await health();
  expect(before).toMatchObject([{ consecutive_failures: 1 }]);

  status = 204;
  const repeat = (await stack.ask(team, 'POST', `/v1/webhook_deliveries/${first.id}/replay`)).json;
  expect(repeat).toMatchObject({ replay_of: first.id, event_id: first.event_id, state: 'pending' });
  await vi.waitUntil(() => flaky.received.length === 2, 10_000);
  expect(flaky.received[1]?.headers['webhook-id']).toBe(first.event_id);
  await vi.waitUntil(
    async () => (await get(`/v1/webhook_deliveries/${repeat.id}`)).state === 'delivered',
    10_000,
  );
  expect(await health()).toEqual(before);

  // Switched off, what waits is cancelled; switched on again, it is sent once more at a word.
  await query(
    `update webhook_deliveries set state = 'cancelled', next_attempt_at = null where endpoint_id = $1 and state = 'pending'`,
    [id],
  );
  await query(`select emit_event($1, 'video.failed', null, '{"id":"video_2"}')`, [team.teamId]);
  await query(
    `update webhook_deliveries set state = 'exhausted', next_attempt_at = null where endpoint_id = $1 and state = 'pending'`,
    [id],
  );
  const replay = async (since: number) =>
    (await stack.ask(team, 'POST', `/v1/webhook_endpoints/${id}/replay`, { json: { since } })).json;
  expect(await replay(4_000_000_000)).toMatchObject({ count: 0 });
  expect(await replay(1e12)).toMatchObject({ error: { code: 'invalid_value', param: 'since' } });
  const { count } = await replay(0);
  // The first one has reached it meanwhile.
  expect(count).toBeLessThanOrEqual(1);
  await stack.ask(team, 'POST', `/v1/webhook_endpoints/${id}`, { json: { enabled: false } });
  const refused = await stack.ask(team, 'POST', `/v1/webhook_deliveries/${first.id}/replay`);
  expect([refused.status, refused.json.error.code]).toEqual([400, 'webhook_endpoint_disabled']);
  const stranger = await stack.addTeam();
  expect((await stack.ask(stranger, 'GET', `/v1/webhook_deliveries/${first.id}`)).status).toBe(404);
  expect((await stack.ask(stranger, 'POST', `/v1/webhook_deliveries/${first.id}/replay`)).status).toBe(404);
  await flaky.close();
});
