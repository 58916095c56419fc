import type OpenAI from 'openai';
import { NotFoundError } from 'openai';
import { expect, test, vi } from 'vitest';
import { inspectMp4 } from './mp4.ts';
import { clientOf, connection, untilCompleted } from './shared-stack.ts';

interface Delivery {
  id: string;
  headers: Record<string, string>;
  bodyBase64: string;
}

test('create, retrieve, download, list and delete with the official SDK', async () => {
  const client = clientOf(await connection());
  const created = await client.videos.create({
    model: 'sora-2-pro',
    prompt: 'A lighthouse blinks over a calm sea',
    seconds: '8',
    size: '1024x1792',
  });
  expect(created).toMatchObject({
    object: 'video',
    status: expect.stringMatching(/^(queued|in_progress)$/),
    model: 'sora-2-pro',
    prompt: 'A lighthouse blinks over a calm sea',
    seconds: '8',
    size: '1024x1792',
  });

  const video = await untilCompleted(client, created.id);
  expect(video).toMatchObject({ id: created.id, status: 'completed', progress: 100, error: null });
  expect(video.completed_at).toBeGreaterThanOrEqual(created.created_at);

  const mp4 = await client.videos.downloadContent(video.id);
  expect(mp4.headers.get('content-type')).toBe('video/mp4');
  expect(await inspectMp4(await mp4.bytes())).toEqual({
    codec: 'avc',
    width: 1024,
    height: 1792,
    seconds: expect.closeTo(8, 1),
  });
  const thumbnail = await client.videos.downloadContent(video.id, { variant: 'thumbnail' });
  expect(thumbnail.headers.get('content-type')).toBe('image/webp');
  expect(Buffer.from(await thumbnail.bytes()).toString('latin1', 8, 12)).toBe('WEBP');
  const spritesheet = await client.videos.downloadContent(video.id, { variant: 'spritesheet' });
  expect(spritesheet.headers.get('content-type')).toBe('image/jpeg');
  expect([...(await spritesheet.bytes()).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);

  expect(await idsOf(client)).toContain(video.id);
  expect(await client.videos.delete(video.id)).toMatchObject({ id: video.id, deleted: true });
  await expect(client.videos.retrieve(video.id)).rejects.toBeInstanceOf(NotFoundError);
  await expect(client.videos.downloadContent(video.id)).rejects.toBeInstanceOf(NotFoundError);
  expect(await idsOf(client)).not.toContain(video.id);
});

test('a list goes on page by page, newest first, without gaps or repeats', async () => {
  const client = clientOf(await connection());
  const made: string[] = [];
  for (const number of [1, 2, 3]) {
    const { id } = await client.videos.create({ model: 'sora-2', prompt: `Page ${number}`, seconds: '4' });
    made.unshift(id);
  }
  const walked: string[] = [];
  for await (const { id } of client.videos.list({ limit: 2 })) walked.push(id);
  expect(walked.slice(0, 3)).toEqual(made);
  expect(new Set(walked).size).toBe(walked.length);
  await Promise.all(made.map((id) => untilCompleted(client, id)));
});

test('the webhook of a completed video is accepted by the official SDK, and by no other secret', async () => {
  const { webhookInboxURL, webhookSecret, ...rest } = await connection();
  const client = clientOf(rest);
  const { id } = await client.videos.create({ model: 'sora-2', prompt: 'A kite in the wind', seconds: '4' });
  await untilCompleted(client, id);

  const delivery = await vi.waitUntil(
    async () => {
      const { data } = (await (await fetch(`${webhookInboxURL}deliveries`)).json()) as { data: Delivery[] };
      return data.find(({ bodyBase64 }) => Buffer.from(bodyBase64, 'base64').includes(id)) ?? false;
    },
    { timeout: 20_000, interval: 100 },
  );
  const body = Buffer.from(delivery.bodyBase64, 'base64').toString('utf8');
  const event = await client.webhooks.unwrap(body, delivery.headers, webhookSecret);
  expect(event).toMatchObject({ object: 'event', type: 'video.completed', data: { id } });
  expect(event.id).toBe(delivery.headers['webhook-id']);

  const other = `whsec_${Buffer.alloc(32).toString('base64')}`;
  await expect(client.webhooks.unwrap(body, delivery.headers, other)).rejects.toThrow();
  const changed = body.replace('completed', 'failed');
  await expect(client.webhooks.unwrap(changed, delivery.headers, webhookSecret)).rejects.toThrow();
});

async function idsOf(client: OpenAI): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of client.videos.list()) ids.push(id);
  return ids;
}
