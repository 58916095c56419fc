/** A single video can be told of at a URL of its own, where its team's policy allows the host. */
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startSimulator } from '@reelgate/testkit';
import OpenAI, { APIError, toFile } from 'openai';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { ok, type Received, type Receiver, startReceiver } from './receivers.ts';

/** The simulator behind something that keeps every byte that is sent to it. */
async function startOverheardUpstream() {
  const simulator = await startSimulator();
  const heard: string[] = [];
  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    heard.push(`${incoming.url} ${JSON.stringify(incoming.headers)} ${body.toString('latin1')}`);
    const target = new URL(incoming.url ?? '', simulator.baseUrl);
    forward(target, { method: incoming.method, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }).end(body);
  }).listen(0, '127.0.0.1');
  await vi.waitUntil(() => server.listening, 10_000);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    heard,
    async close() {
      server.closeAllConnections();
      server.close();
      await simulator.close();
    },
  };
}

let upstream: Awaited<ReturnType<typeof startOverheardUpstream>>;
let stack: Stack;
let receiver: Receiver;
let admin: { secret: string };
let team: Team;
let secret: string;
let client: OpenAI;

beforeAll(async () => {
  upstream = await startOverheardUpstream();
  [stack, receiver] = await Promise.all([
    startStack({
      env: { WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8' },
      upstream: { url: upstream.url, apiKey: 'any' },
    }),
    startReceiver(ok),
  ]);
  admin = await stack.addAdmin();
  await stack.startWorker();
  team = await stack.addTeam();
  await allow(team, ['127.0.0.1', '*.Bücher.example']);
  secret = await rotate(team);
  client = clientOf(team);
});
afterAll(async () => {
  await Promise.all([stack?.close(), receiver?.close()]);
  await upstream?.close();
});

const clientOf = ({ secret }: Team) =>
  new OpenAI({ baseURL: `${stack.gateway.origin}/v1`, apiKey: secret, maxRetries: 0 });
const allow = (team: Team, hosts: string[]) =>
  stack.ask(admin, 'PATCH', `/admin/v1/teams/${team.teamId}`, { json: { webhook_hosts: hosts } });
const rotate = async (team: Team, query = '') =>
  (await stack.ask(admin, 'POST', `/admin/v1/teams/${team.teamId}/rotate-webhook-secret${query}`)).json
    .secret as string;
const create = (fields: Record<string, unknown>, of = client, options = {}) =>
  of.videos.create({ prompt: 'a kite', model: 'sora-2', seconds: '4', size: '720x1280', ...fields }, options);
const told = (id: string): Promise<Received> =>
  vi.waitUntil(() => receiver.received.find(({ body }) => JSON.parse(body).data.id === id), {
    timeout: 30_000,
  });
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof APIError ? error : Promise.reject(error)),
  );
const query = async (text: string, values: unknown[] = []) =>
  (await stack.database.db.$client.query(text, values)).rows;

describe('what is told', () => {
  test('a created video, a remix, an edit and an extension, in JSON and as a form', {
    timeout: 90_000,
  }, async () => {
    const url = `${receiver.url}?token=of-this-video`;
    const video = await create({ webhook_url: url });
    const event = await told(video.id);
    expect(await client.webhooks.unwrap(event.body, event.headers as never, secret)).toMatchObject({
      type: 'video.completed',
      data: { id: video.id },
    });
    expect(new Webhook(secret).verify(event.body, event.headers as never)).toMatchObject({ object: 'event' });
    expect(() =>
      new Webhook(`whsec_${Buffer.alloc(32, 1).toString('base64')}`).verify(
        event.body,
        event.headers as never,
      ),
    ).toThrow();

    const json = await stack.ask(team, 'POST', '/v1/videos', {
      json: { prompt: 'a json kite', model: 'sora-2', seconds: '4', size: '720x1280', webhook_url: url },
    });
    const others = [
      await client.videos.remix(video.id, { prompt: 'a red kite', webhook_url: url } as never),
      await client.videos.edit({ video: { id: video.id }, prompt: 'bluer', webhook_url: url } as never),
      await client.videos.extend({
        video: { id: video.id },
        prompt: 'on',
        seconds: '4',
        webhook_url: url,
      } as never),
      json.json as { id: string },
    ];
    for (const { id } of others) await told(id);
    // Nobody but us is told where a team is told.
    expect(upstream.heard.length).toBeGreaterThan(5);
    expect(upstream.heard.filter((one) => /webhook|of-this-video/.test(one))).toEqual([]);
    expect(stack.gateway.output()).not.toContain('of-this-video');
  });

  test('once each, and nothing of a video that names none', async () => {
    const silent = await create({ prompt: 'a silent kite' });
    const loud = await create({ prompt: 'a loud kite', webhook_url: receiver.url });
    await told(loud.id);
    await vi.waitUntil(async () => (await client.videos.retrieve(silent.id)).status === 'completed', {
      timeout: 30_000,
    });
    const ids = receiver.received.map(({ body }) => JSON.parse(body).data.id);
    expect(ids.filter((id) => id === loud.id)).toHaveLength(1);
    expect(ids).not.toContain(silent.id);
  });

  test('every attempt is on record, and the hosts are listed as endpoints of a kind of their own', async () => {
    const { id } = await create({ prompt: 'a recorded kite', webhook_url: `${receiver.url}/recorded` });
    await told(id);
    const [endpoint] = (await stack.ask(team, 'GET', '/v1/webhook_endpoints')).json.data;
    expect(endpoint).toMatchObject({
      kind: 'video',
      url: new URL(receiver.url).origin,
      signing_secret_hint: `whsec_...${secret.slice(-4)}`,
    });
    const deliveries = await vi.waitUntil(async () => {
      const { data } = (await stack.ask(admin, 'GET', `/admin/v1/deliveries?video_id=${id}`)).json;
      return data[0]?.state === 'delivered' && data;
    }, 10_000);
    expect(deliveries).toMatchObject([
      { endpoint_url: `${receiver.url}/recorded`, attempts: 1, last_status: 204 },
    ]);
    expect(
      (
        await stack.ask(team, 'POST', `/v1/webhook_endpoints/${endpoint.id}`, {
          json: { url: 'https://example.com/' },
        })
      ).status,
    ).toBe(400);
    expect(
      (await stack.ask(team, 'POST', `/v1/webhook_endpoints/${endpoint.id}/rotate_secret`, { json: {} }))
        .status,
    ).toBe(400);
  });

  test('after a rotation both secrets verify, in an emergency only the new one', async () => {
    const verifies = ({ body, headers }: Received, key: string) =>
      client.webhooks.unwrap(body, headers as never, key).then(
        () => true,
        () => false,
      );
    const first = secret;
    const second = await rotate(team);
    const both = await told((await create({ prompt: 'both', webhook_url: receiver.url })).id);
    expect([await verifies(both, first), await verifies(both, second)]).toEqual([true, true]);
    secret = await rotate(team, '?emergency=true');
    const one = await told((await create({ prompt: 'one', webhook_url: receiver.url })).id);
    expect([await verifies(one, first), await verifies(one, second), await verifies(one, secret)]).toEqual([
      false,
      false,
      true,
    ]);
    expect((await stack.ask(admin, 'GET', `/admin/v1/teams/${team.teamId}`)).json).toMatchObject({
      webhook_hosts: ['127.0.0.1', '*.xn--bcher-kva.example'],
      webhook_secret_hint: `whsec_...${secret.slice(-4)}`,
    });
    const actions = await query('select distinct action from audit_log where team_id = $1', [team.teamId]);
    expect(actions.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['team.update', 'team.rotate_webhook_secret']),
    );
  });

  test('many first videos of a host at once share one endpoint, and each is told', async () => {
    const fresh = await stack.addTeam();
    await allow(fresh, ['127.0.0.1']);
    await rotate(fresh);
    const theirs = clientOf(fresh);
    const videos = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        create({ prompt: `of many, ${i}`, webhook_url: receiver.url }, theirs),
      ),
    );
    for (const { id } of videos) await told(id);
    expect(
      await query(
        "select count(*)::int as count from webhook_endpoints where team_id = $1 and kind = 'video'",
        [fresh.teamId],
      ),
    ).toEqual([{ count: 1 }]);
  });

  test('a replay goes to the URL of the video again, for its own team alone', async () => {
    const { id } = await create({ prompt: 'once more', webhook_url: `${receiver.url}/again` });
    await told(id);
    const [delivery] = (await stack.ask(admin, 'GET', `/admin/v1/deliveries?video_id=${id}`)).json.data;
    const path = `/v1/webhook_deliveries/${delivery.id}`;
    const stranger = await stack.addTeam();
    expect((await stack.ask(stranger, 'GET', path)).status).toBe(404);
    expect((await stack.ask(stranger, 'POST', `${path}/replay`)).status).toBe(404);
    expect((await stack.ask(team, 'POST', `${path}/replay`)).status).toBe(200);
    const both = await vi.waitUntil(
      () => {
        const events = receiver.received.filter(({ body }) => JSON.parse(body).data.id === id);
        return events.length === 2 && events;
      },
      { timeout: 30_000 },
    );
    expect(new Set(both.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  test('410 ends one video alone; what is refused is tried again', async () => {
    const other = await startReceiver(
      (response, count) => void response.writeHead(count === 1 ? 410 : 500).end(),
    );
    try {
      const { id } = await create({ prompt: 'gone', webhook_url: other.url });
      const of = (video: string) =>
        query(
          `select d.state, d.next_attempt_at is not null as again, e.state as endpoint from webhook_deliveries d join events v on v.id = d.event_id
           join webhook_endpoints e on e.id = d.endpoint_id where v.video_id = $1 and d.attempt_no = 1 and d.lease_until is null`,
          [video],
        );
      const ended = await vi.waitUntil(async () => (await of(id))[0], { timeout: 30_000 });
      expect(ended).toEqual({ state: 'exhausted', again: false, endpoint: 'enabled' });
      const next = await create({ prompt: 'not gone', webhook_url: other.url });
      expect(await vi.waitUntil(async () => (await of(next.id))[0], { timeout: 30_000 })).toEqual({
        state: 'pending',
        again: true,
        endpoint: 'enabled',
      });
    } finally {
      await other.close();
    }
  });
});

describe('what is refused', () => {
  const refused = async (webhookUrl: unknown, of = client) => {
    const error = await errorOf(create({ webhook_url: webhookUrl }, of));
    expect(error).toMatchObject({ status: 400, param: 'webhook_url', type: 'invalid_request_error' });
    return error?.message ?? '';
  };

  test.each([
    'https://hooks.example.com/',
    'https://bücher.example/',
    'https://127.0.0.1.example/',
    'https://xn--bcher-kva.example.evil.example/',
    'https://x.xn--bcher-kva.example@evil.example/',
  ])('a host that the policy does not name: %s', async (url) => {
    expect(await refused(url)).toContain(
      'your team may not name this host (allowed: 127.0.0.1, *.xn--bcher-kva.example)',
    );
  });

  test.each([
    ['ftp://127.0.0.1/', 'scheme_forbidden'],
    ['http://u:p@127.0.0.1/', 'userinfo_forbidden'],
    ['http://127.0.0.1/#x', 'fragment_forbidden'],
  ])('what no webhook may be sent to: %s', async (url, code) => {
    expect(await refused(url)).toContain(code);
  });

  test.each(['', 'nothing', `https://127.0.0.1/${'x'.repeat(2_048)}`])('what is no URL', async (url) => {
    expect(await refused(url)).toContain("Invalid 'webhook_url': expected a URL");
  });

  test('another type, in JSON and in a form', async () => {
    for (const value of [7, ['https://a.example'], { a: 1 }]) {
      const { status, json } = await stack.ask(team, 'POST', '/v1/videos', {
        json: { prompt: 'a kite', model: 'sora-2', webhook_url: value },
      });
      expect([status, json.error.param]).toEqual([400, 'webhook_url']);
    }
    const file = await toFile(Buffer.from('x'), 'hook.txt');
    expect(await errorOf(create({ webhook_url: file }))).toMatchObject({ status: 400, param: 'webhook_url' });
  });

  test('without a policy, without a secret, and where the host was switched off; nothing is made', async () => {
    const fresh = await stack.addTeam();
    const theirs = clientOf(fresh);
    expect(await refused(receiver.url, theirs)).toContain('allowed: none');
    await allow(fresh, ['127.0.0.1']);
    expect(await refused(receiver.url, theirs)).toContain('no secret');
    await rotate(fresh);
    await create({ webhook_url: receiver.url }, theirs);
    const [endpoint] = (await stack.ask(fresh, 'GET', '/v1/webhook_endpoints')).json.data;
    await stack.ask(fresh, 'POST', `/v1/webhook_endpoints/${endpoint.id}`, { json: { enabled: false } });
    expect(await refused(receiver.url, theirs)).toContain(endpoint.id);
    expect(
      await query('select count(*)::int as count from videos where team_id = $1', [fresh.teamId]),
    ).toEqual([{ count: 1 }]);
    // Another team's policy, secret and endpoints are its own.
    expect((await stack.ask(team, 'GET', `/v1/webhook_endpoints/${endpoint.id}`)).status).toBe(404);
    const manager = await stack.addAdmin('manager', [fresh.teamId]);
    const path = `/admin/v1/teams/${team.teamId}`;
    expect(
      (await stack.ask(manager, 'PATCH', path, { json: { webhook_hosts: ['evil.example'] } })).status,
    ).toBe(404);
    expect((await stack.ask(manager, 'POST', `${path}/rotate-webhook-secret`)).status).toBe(404);
  });

  test('hosts that are none', async () => {
    for (const host of [
      '*',
      'https://a.example',
      'a.example/x',
      'a.example:8443',
      'u@a.example',
      '*.10.0.0.1',
      'a b',
      'a.*.example',
      '*.',
    ]) {
      const { status, json } = await allow(team, [host]);
      expect([host, status, json.error?.param]).toEqual([host, 400, 'webhook_hosts']);
    }
  });

  test('the same Idempotency-Key with another webhook_url is another request', async () => {
    const options = { headers: { 'Idempotency-Key': 'one-order' } };
    const first = await create({ webhook_url: receiver.url }, client, options);
    expect((await create({ webhook_url: receiver.url }, client, options)).id).toBe(first.id);
    for (const other of [{ webhook_url: `${receiver.url}/2` }, {}]) {
      expect(await errorOf(create(other, client, options))).toMatchObject({
        status: 422,
        code: 'idempotency_key_reused',
      });
    }
    await told(first.id);
  });
});

test('what is purged of a video takes its URL along', async () => {
  const { id } = await create({ prompt: 'short', webhook_url: receiver.url });
  await told(id);
  await client.videos.delete(id);
  await query(
    "update videos set next_action_at = clock_timestamp(), delete_requested_at = '2020-01-01' where id = $1",
    [id],
  );
  await vi.waitUntil(
    async () => (await query('select from video_webhooks where video_id = $1', [id])).length === 0,
    { timeout: 30_000 },
  );
});
