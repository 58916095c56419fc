/** The official SDK accepts every delivery, and nothing else. */

import { createHmac } from 'node:crypto';
import { rotateWebhookSecret } from '@reelgate/core';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeliveryWorld, startDeliveryWorld } from './delivery-world.ts';
import { ok, type Received, type Receiver, startReceiver } from './receivers.ts';

const client = new OpenAI({ apiKey: 'unused' });
const verify = ({ body, headers }: Received, secret: string) =>
  client.webhooks.unwrap(body, headers as never, secret);

let world: DeliveryWorld;
let receiver: Receiver;
let secrets: string[];
let endpointId: string;
let delivered: Received;

const delivery = async (id: string): Promise<Received> => {
  const before = receiver.received.length;
  await world.emit(id);
  await world.until(() => receiver.received.length > before);
  return receiver.received[before] as Received;
};

beforeAll(async () => {
  world = await startDeliveryWorld();
  world.start();
  receiver = await startReceiver(ok);
  const endpoint = await world.endpoint(receiver.url);
  endpointId = endpoint.id;
  secrets = [endpoint.secret];
  delivered = await delivery('quota_1');
});
afterAll(async () => {
  await receiver.close();
  await world.close();
});

const sign = (secret: string, text: string) =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(text)
    .digest('base64')}`;

test('accepts what was delivered', async () => {
  expect(await verify(delivered, secrets[0] ?? '')).toEqual(JSON.parse(delivered.body));
});

test('refuses one changed byte, wherever it is', async () => {
  for (const at of [0, 10, delivered.body.length >> 1, delivered.body.length - 2]) {
    const changed = `${delivered.body.slice(0, at)}${delivered.body[at] === 'x' ? 'y' : 'x'}${delivered.body.slice(at + 1)}`;
    await expect(verify({ ...delivered, body: changed }, secrets[0] ?? '')).rejects.toThrow();
  }
});

test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('refuses another %s', async (name) => {
  const value = String(delivered.headers[name]);
  const other =
    name === 'webhook-timestamp'
      ? String(Number(value) - 1)
      : value.replace(/.(?=.{3}$)/, (c) => (c === 'x' ? 'y' : 'x'));
  await expect(
    verify({ ...delivered, headers: { ...delivered.headers, [name]: other } }, secrets[0] ?? ''),
  ).rejects.toThrow();
});

test('refuses another secret', async () => {
  const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  await expect(verify(delivered, other)).rejects.toThrow();
});

test('refuses what was signed long ago', async () => {
  const seconds = Math.floor(Date.now() / 1_000) - 600;
  const id = String(delivered.headers['webhook-id']);
  const old = {
    ...delivered,
    headers: {
      ...delivered.headers,
      'webhook-timestamp': String(seconds),
      'webhook-signature': sign(secrets[0] ?? '', `${id}.${seconds}.${delivered.body}`),
    },
  };
  await expect(verify(old, secrets[0] ?? '')).rejects.toThrow();
});

test('during a rotation both secrets verify; after an emergency only the new one does', async () => {
  const [first = ''] = secrets;
  const { secret: second } = await rotateWebhookSecret(world.ctx, world.teamId, endpointId, {
    keepOld: true,
  });
  const both = await delivery('quota_2');
  for (const secret of [first, second])
    expect(await verify(both, secret)).toMatchObject({ data: { id: 'quota_2' } });
  const { secret: third } = await rotateWebhookSecret(world.ctx, world.teamId, endpointId, {
    keepOld: false,
  });
  const one = await delivery('quota_3');
  expect(await verify(one, third)).toMatchObject({ data: { id: 'quota_3' } });
  for (const secret of [first, second]) await expect(verify(one, secret)).rejects.toThrow();
});
