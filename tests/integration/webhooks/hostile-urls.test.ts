/** URLs and names that must never be reached: refused when an endpoint is made or changed, and again at every attempt. */
import { createWebhookTransport } from '@reelgate/adapters/webhook-http';
import { createWebhookEndpoint, updateWebhookEndpoint, type WebhookContext } from '@reelgate/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DeliveryWorld, startDeliveryWorld } from './delivery-world.ts';
import { ok, type Receiver, startReceiver } from './receivers.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What names stand for, in place of a name server. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'private.example': ['10.0.0.7'],
  'loopback.example': ['127.0.0.1'],
  'metadata.example': ['169.254.169.254'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'translated.example': ['64:ff9b::7f00:1'],
  'tunnelled.example': ['2002:7f00:1::'],
  'one-of-two.example': ['93.184.215.14', '192.168.1.1'],
  'unique-local.example': ['fd00::1'],
  'public.example': ['93.184.215.14'],
};

const HOSTILE = [
  'http://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'https://127.1:PORT/',
  'https://2130706433:PORT/',
  'https://0x7f.1:PORT/',
  'https://0x7f000001:PORT/',
  'https://017700000001:PORT/',
  'https://0:PORT/',
  'https://localhost:PORT/',
  'https://localhost.:PORT/',
  'https://a.localhost:PORT/',
  'https://[::1]:PORT/',
  'https://[::]:PORT/',
  'https://[::ffff:127.0.0.1]:PORT/',
  'https://[::ffff:7f00:1]:PORT/',
  'https://[64:ff9b::7f00:1]:PORT/',
  'https://[2002:7f00:1::]:PORT/',
  'http://169.254.169.254/latest/meta-data/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[fd00:ec2::254]/',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://192.168.0.1/',
  'https://100.64.0.1/',
  'https://user:secret@public.example/',
  'https://@public.example/',
  'https://public.example#@127.0.0.1/',
  'https://public.example\\@127.0.0.1/',
  'https:127.0.0.1:PORT/',
  'https:///127.0.0.1:PORT/',
  'http://public.example/',
  'https://public.example:22/',
  'https://public.example:6379/',
  'https://１２７.０.０.１:PORT/',
  'https://127。0。0。1:PORT/',
  'https://private.example/',
  'https://loopback.example/',
  'https://metadata.example/',
  'https://mapped.example/',
  'https://translated.example/',
  'https://tunnelled.example/',
  'https://one-of-two.example/',
  'https://unique-local.example/',
  'https://[fe80::1%25eth0]:PORT/',
  'https://[::1%25lo]:PORT/',
  'https://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
  'https://[2001:0:7f00:1::80ff:fffe]:PORT/',
  'https://[64:ff9b:1:7f00:0:100::]:PORT/',
  'https://[5f00::1]:PORT/',
  'https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/',
  'https://127%2e0%2e0%2e1:PORT/',
  'https://0177.0.0.1:PORT/',
  'https://127.0.0.1.:PORT/',
  'https://255.255.255.255/',
  'https://xn--/',
  'https://public.example:0/',
  'https://public.example:65536/',
  'https://pub\u00adlic.example@127.0.0.1/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/',
  'data:text/plain,hello',
  'ftp://public.example/',
  'https://internal/',
  `https://public.example/${'a'.repeat(2_048)}`,
  'https://public.example/\r\nHost: internal',
];

let world: DeliveryWorld;
let receiver: Receiver;
let strict: WebhookContext;
beforeAll(async () => {
  world = await startDeliveryWorld();
  receiver = await startReceiver(ok);
  const lookup = async (name: string) =>
    (NAMES[name] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  strict = { ...world.ctx, webhooks: createWebhookTransport({ allowedCidrs: [], lookup, log: silent }) };
});
afterAll(async () => {
  await receiver.close();
  await world.close();
});

describe.each(HOSTILE)('%s', (form) => {
  const url = () => form.replace('PORT', new URL(receiver.url).port);

  test('is refused at creation, at a change and at an attempt, and no connection is opened', async () => {
    const refused = { code: 'invalid_value', details: { param: 'url' } };
    await expect(createWebhookEndpoint(strict, { teamId: world.teamId, url: url() })).rejects.toMatchObject(
      refused,
    );
    const { id } = await createWebhookEndpoint(strict, {
      teamId: world.teamId,
      url: 'https://public.example/',
    });
    await expect(updateWebhookEndpoint(strict, world.teamId, id, { url: url() })).rejects.toMatchObject(
      refused,
    );
    // As if it had got past, or had been fine when it was registered.
    const result = await strict.webhooks.post(url(), {}, Buffer.from('{}'));
    expect(result).toMatchObject({ kind: 'failed' });
    expect(receiver.received).toHaveLength(0);
    expect(receiver.openSockets()).toBe(0);
    await world.query('delete from webhook_secrets');
    await world.query('delete from webhook_endpoints');
  });
});

test('a name that leads elsewhere after its registration is refused at the attempt, and at each one after', async () => {
  let address = '93.184.215.14';
  const webhooks = createWebhookTransport({
    allowedCidrs: [],
    lookup: async () => [{ address, family: 4 }],
    log: silent,
  });
  const ctx = { ...world.ctx, webhooks };
  const { url } = await createWebhookEndpoint(ctx, { teamId: world.teamId, url: 'https://rebind.example/' });
  address = '127.0.0.1';
  for (let i = 0; i < 3; i += 1)
    expect(await webhooks.post(url, {}, Buffer.from('{}'))).toMatchObject({ reason: 'address_forbidden' });
  await expect(createWebhookEndpoint(ctx, { teamId: world.teamId, url })).rejects.toMatchObject({
    code: 'invalid_value',
  });
});
