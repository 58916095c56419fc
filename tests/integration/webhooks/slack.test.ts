/** An endpoint that is a chat gets messages, with the picture where there is one. */
import { createWebhookEndpoint, testWebhookEndpoint } from '@reelgate/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../gateway/gateway-process.ts';
import { type DeliveryWorld, startDeliveryWorld } from './delivery-world.ts';
import { ok, type Receiver, startReceiver } from './receivers.ts';

let world: DeliveryWorld;
let chat: Receiver;
let stack: Stack;
beforeAll(async () => {
  [world, stack, chat] = await Promise.all([
    startDeliveryWorld(),
    startStack({ env: { WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8' } }),
    startReceiver(ok),
  ]);
  world.start();
});
afterAll(async () => {
  await Promise.all([world.close(), stack.close(), chat.close()]);
});

test('in words, unsigned, and without anything that could be taken for a link', async () => {
  const { id } = await createWebhookEndpoint(world.ctx, {
    teamId: world.teamId,
    url: chat.url,
    kind: 'slack',
    eventTypes: ['quota.exhausted'],
  });
  await world.emit('<https://evil.example|click>');
  await world.until(() => chat.received.length === 1);
  const [message] = chat.received;
  expect(message?.headers['webhook-signature']).toBeUndefined();
  const body = JSON.parse(message?.body ?? '');
  expect(body.text).toContain('A quota is used up');
  expect(JSON.stringify(body)).not.toContain('<https://evil.example');
  expect(await testWebhookEndpoint(world.ctx, world.teamId, id, 'video.completed')).toMatchObject({
    status: 204,
  });
  expect(JSON.parse(chat.received[1]?.body ?? '').text).toMatch(/^\(Sample\)/);
});

test('a completed video comes with its thumbnail and a link that work without a key', async () => {
  const team = await stack.addTeam();
  const before = chat.received.length;
  await stack.ask(team, 'POST', '/v1/webhook_endpoints', {
    json: { name: 'chat', url: chat.url, kind: 'slack', event_types: ['video.completed'] },
  });
  await stack.startWorker();
  const { json: video } = await stack.create(team);
  await world.until(() => chat.received.length > before);
  const { blocks } = JSON.parse(chat.received[before]?.body ?? '');
  expect(blocks[0].text.text).toContain(video.id);
  expect(blocks[0].text.text).toContain('sora-2, 4 s, 720x1280');
  const here = (url: string) => url.replace('http://localhost:8080', stack.gateway.origin);
  const picture = await fetch(here(blocks[1].image_url));
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/webp']);
  const [, link = ''] = /<([^|>]+)\|Watch it>/.exec(blocks[0].text.text) ?? [];
  const film = await fetch(here(link));
  expect([film.status, film.headers.get('content-type')]).toEqual([200, 'video/mp4']);
  // Nobody's prompt is told to a chat.
  expect(chat.received[before]?.body).not.toContain('a kite');
});
