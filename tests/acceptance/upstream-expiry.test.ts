import OpenAI, { NotFoundError } from 'openai';
import { expect, test, vi } from 'vitest';
import { inspectMp4 } from './mp4.ts';
import { clientOf, connection, untilCompleted, upstreamIdOf } from './shared-stack.ts';

test('a video can be downloaded after its upstream has forgotten it', async () => {
  const stack = await connection();
  const client = clientOf(stack);
  const upstream = new OpenAI({ baseURL: stack.simulatorURL, apiKey: 'any', maxRetries: 0 });
  const { id } = await client.videos.create({
    model: 'sora-2',
    prompt: 'Footprints in the sand [[sim expires_s=15]]',
    seconds: '4',
    size: '720x1280',
  });
  await untilCompleted(client, id);

  const upstreamId = await upstreamIdOf(id);
  await vi.waitFor(
    async () => {
      await expect(upstream.videos.retrieve(upstreamId)).rejects.toBeInstanceOf(NotFoundError);
      await expect(upstream.videos.downloadContent(upstreamId)).rejects.toBeInstanceOf(NotFoundError);
    },
    { timeout: 40_000, interval: 250 },
  );

  expect((await client.videos.retrieve(id)).status).toBe('completed');
  const content = await client.videos.downloadContent(id);
  expect(await inspectMp4(await content.bytes())).toMatchObject({
    width: 720,
    height: 1280,
    seconds: expect.closeTo(4, 1),
  });
  for (const variant of ['thumbnail', 'spritesheet'] as const) {
    expect((await (await client.videos.downloadContent(id, { variant })).bytes()).length).toBeGreaterThan(
      100,
    );
  }
});
