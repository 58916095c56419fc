import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { inspectMp4, probeMp4 } from './mp4.ts';
import { clientOf, connection, home, output, readyMs } from './shared-stack.ts';

test('the stack is ready within a minute of being started', () => {
  expect(readyMs).toBeLessThan(60_000);
});

test('it prints what runs where, the key, and lines to go on with', async () => {
  const { baseURL, apiKey } = await connection();
  expect(output).toContain(baseURL);
  expect(output).toContain(`Authorization: Bearer ${apiKey}`);
  expect(output).toMatch(/^ {2}curl .*\/v1\/videos /m);
  expect(output).toContain(`new OpenAI({ baseURL: '${baseURL}', apiKey: '${apiKey}' })`);
  for (const part of ['Postgres', 'Simulator', 'Gateway', 'Worker']) {
    expect(output).toMatch(new RegExp(`^ {2}${part} `, 'm'));
  }
});

test('connection.json and the secrets are for their owner only', async () => {
  for (const file of ['connection.json', 'secrets.json', 'demo.json', 'lock']) {
    const { mode } = await stat(`${home}/${file}`);
    expect([file, (mode & 0o777).toString(8)]).toEqual([file, '600']);
  }
});

test('the sample video is archived, told by a verified webhook, and can be watched by its link', async () => {
  const client = clientOf(await connection());
  const [, id = ''] = /^ {2}(video_\w+)$/m.exec(output) ?? [];
  const video = await client.videos.retrieve(id);
  expect(video).toMatchObject({ status: 'completed', progress: 100, size: '1280x720', seconds: '4' });
  expect(output).toMatch(/video\.completed, signature verified/);

  const [, file = ''] = /^ {2}archived +(\S+)/m.exec(output) ?? [];
  const asked = { codec: 'avc', width: 1280, height: 720, seconds: expect.closeTo(4, 1) };
  const probed = await probeMp4(file);
  if (probed) expect(probed).toEqual(asked);
  else console.warn('ffprobe is not on the PATH: the MP4 was checked with mediabunny only.');

  const [, link = ''] = /^ {2}watch it +(\S+)/m.exec(output) ?? [];
  const response = await fetch(link);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('video/mp4');
  expect(await inspectMp4(await response.bytes())).toEqual(asked);
  const [, page = ''] = /^ {2}its page +(\S+)/m.exec(output) ?? [];
  expect(new URL(page).pathname).toMatch(/^\/videos\/video_/);
  expect(await (await fetch(page)).text()).toContain('<div id="root"');
});
