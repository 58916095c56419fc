import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type RunningSimulator, startSimulator } from './start-simulator.ts';

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator({ SIMULATOR_API_KEY: 'My API Key' });
});
afterAll(async () => await simulator.stop());

interface Truth {
  readonly videos: readonly {
    readonly id: string;
    readonly prompt_sha256: string;
    readonly status: string;
    readonly deleted: boolean;
    readonly charged_micro_usd: number;
    readonly input_reference: Record<string, unknown> | null;
    readonly content: Record<string, { bytes: number; sha256: string } | null>;
    readonly downloads: number;
  }[];
  readonly totals: { creates: number; refused: number; charges_micro_usd: number; bytes_served: number };
  readonly requests: { counts: Record<string, number> };
}

const truth = async () => (await simulator.control('GET', '/truth')) as Truth;
const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

it('serves the official SDK from create to delete', async () => {
  const { openai } = simulator;
  const prompt = 'A paper boat drifts down a rainy street [[sim render_ms=400]]';
  const image = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff]);
  const created = await openai.videos.create({
    prompt,
    model: 'sora-2-pro',
    seconds: '8',
    size: '1280x720',
    input_reference: await toFile(image, 'first-frame.png', { type: 'image/png' }),
  });
  expect(created.id).toMatch(/^video_[0-9a-f]{48}$/);
  expect(Object.keys(created).filter((key) => key !== '_request_id')).toHaveLength(13);
  expect(created).toMatchObject({ object: 'video', status: 'queued', progress: 0, prompt, seconds: '8' });
  expect(created._request_id).toMatch(/^req_/);
  await expect(openai.videos.downloadContent(created.id)).rejects.toMatchObject({ status: 400 });

  const seen = new Set<string>();
  const completed = await vi.waitFor(
    async () => {
      const video = await openai.videos.retrieve(created.id);
      seen.add(video.status);
      expect(video.status).toBe('completed');
      return video;
    },
    { timeout: 10_000, interval: 30 },
  );
  expect([...seen]).toEqual(expect.arrayContaining(['in_progress', 'completed']));
  expect(completed.progress).toBe(100);
  expect(completed.expires_at).toBe((completed.completed_at ?? 0) + 3600);

  const expected = { video: 'video/mp4', thumbnail: 'image/webp', spritesheet: 'image/jpeg' } as const;
  const downloads: Record<string, { bytes: number; sha256: string }> = {};
  for (const variant of ['video', 'thumbnail', 'spritesheet'] as const) {
    const response = await openai.videos.downloadContent(created.id, { variant });
    expect(response.headers.get('content-type')).toBe(expected[variant]);
    const data = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(data.length));
    expect(response.headers.get('etag')).toMatch(/^"[^"]+"$/);
    downloads[variant] = { bytes: data.length, sha256: sha256(data) };
  }

  const listed = await openai.videos.list({ limit: 1 });
  expect(listed.data.map(({ id }) => id)).toEqual([created.id]);

  const [record] = (await truth()).videos;
  expect(record).toMatchObject({
    id: created.id,
    prompt_sha256: sha256(prompt),
    status: 'completed',
    charged_micro_usd: 8 * 300_000,
    content: downloads,
    downloads: 3,
    input_reference: {
      filename: 'first-frame.png',
      contentType: 'image/png',
      bytes: 8,
      sha256: sha256(image),
    },
  });

  expect(await openai.videos.delete(created.id)).toMatchObject({ id: created.id, deleted: true });
  await expect(openai.videos.retrieve(created.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  await expect(openai.videos.downloadContent(created.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  expect((await openai.videos.list()).data).toEqual([]);
  const after = await truth();
  expect(after.videos[0]).toMatchObject({ deleted: true, charged_micro_usd: 2_400_000 });
  expect(after.totals.creates).toBe(1);
  expect(after.totals.bytes_served).toBe(Object.values(downloads).reduce((sum, { bytes }) => sum + bytes, 0));
  expect(after.requests.counts).toMatchObject({ create: 1, delete: 1 });
});

it('pages through a list in both directions', async () => {
  await simulator.control('POST', '/reset');
  const ids: string[] = [];
  for (let index = 0; index < 5; index++)
    ids.push((await simulator.openai.videos.create({ prompt: 'x' })).id);
  for (const [order, expected] of [
    ['asc', ids],
    ['desc', ids.toReversed()],
  ] as const) {
    const paged: string[] = [];
    for await (const video of simulator.openai.videos.list({ limit: 2, order })) paged.push(video.id);
    expect(paged).toEqual(expected);
  }
  const end = await fetch(`${simulator.origin}/v1/videos?order=asc&after=${ids.at(-1)}`, {
    headers: { authorization: 'Bearer My API Key' },
  });
  expect(await end.json()).toEqual({
    object: 'list',
    data: [],
    first_id: null,
    last_id: null,
    has_more: false,
  });
});

it('reads references as objects, in forms and in JSON, and files without a name', async () => {
  await simulator.control('POST', '/reset');
  const { id: file_id } = await simulator.openai.files.create({
    file: await toFile(Buffer.from('kept'), 'kept.png'),
    purpose: 'vision',
  });
  await simulator.openai.videos.create({ prompt: 'form', input_reference: { file_id } });
  const post = async (body: string, type: string) =>
    await fetch(`${simulator.origin}/v1/videos`, {
      method: 'POST',
      headers: { authorization: 'Bearer My API Key', 'content-type': type },
      body,
    });
  const json = { prompt: 'json', input_reference: { image_url: 'https://example.com/a.png' } };
  expect((await post(JSON.stringify(json), 'application/json')).status).toBe(200);
  const part = (name: string, value: string, type: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: ${type}\r\n\r\n${value}\r\n`;
  const nameless = part('input_reference', 'bytes', 'application/octet-stream');
  const form = `${nameless}${part('prompt', 'nameless', 'text/plain')}--b--\r\n`;
  expect((await post(form, 'multipart/form-data; boundary="b"')).status).toBe(200);
  const labelled = part('input_reference[file_id]', file_id, 'application/octet-stream');
  const tagged = `${labelled}${part('prompt', 'tagged', 'text/plain')}--b--\r\n`;
  expect((await post(tagged, 'multipart/form-data; boundary=b')).status).toBe(200);
  expect((await truth()).videos.map(({ input_reference }) => input_reference)).toEqual([
    expect.objectContaining({ filename: 'kept.png', bytes: 4, sha256: sha256('kept') }),
    { kind: 'object', image_url: 'https://example.com/a.png' },
    { kind: 'file', contentType: 'application/octet-stream', bytes: 5, sha256: sha256('bytes') },
    expect.objectContaining({ filename: 'kept.png', bytes: 4, sha256: sha256('kept') }),
  ]);
});

it.each([
  ['a missing prompt', {}, 'missing_required_parameter', 'prompt'],
  ['seconds as a number', { prompt: 'x', seconds: 8 }, 'invalid_type', 'seconds'],
  ['odd seconds', { prompt: 'x', seconds: '5' }, 'invalid_value', 'seconds'],
  ['an odd size', { prompt: 'x', size: '1x1' }, 'invalid_value', 'size'],
  ['an unknown model', { prompt: 'x', model: 'sora-9' }, 'invalid_value', 'model'],
  ['a reference as a string', { prompt: 'x', input_reference: 'y' }, 'invalid_type', 'input_reference'],
  ['an unknown directive', { prompt: 'x [[sim typo]]' }, 'invalid_directive', 'prompt'],
])('refuses %s as OpenAI does', async (_, body, code, param) => {
  const before = (await truth()).totals;
  const response = await fetch(`${simulator.origin}/v1/videos`, {
    method: 'POST',
    headers: { authorization: 'Bearer My API Key', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: { message: expect.any(String), type: 'invalid_request_error', param, code },
  });
  const after = (await truth()).totals;
  expect(after).toMatchObject({ creates: before.creates, refused: before.refused + 1 });
});

it('asks for the key, and answers unknown paths in the same envelope', async () => {
  const stranger = simulator.openai.withOptions({ apiKey: 'wrong' });
  await expect(stranger.videos.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
  await expect(simulator.openai.get('/videos/edits/x/y')).rejects.toMatchObject({ status: 404 });
  expect(await (await fetch(`${simulator.origin}/health`)).json()).toEqual({ status: 'ok' });
});

it('serves ranges, and all of it when the file changed', async () => {
  const { id } = await simulator.openai.videos.create({ prompt: 'ranges' });
  const whole = await simulator.openai.videos.downloadContent(id);
  const etag = whole.headers.get('etag') ?? '';
  const bytes = Buffer.from(await whole.arrayBuffer());
  const range = async (value: string, ifRange?: string) => {
    const headers = { range: value, ...(ifRange === undefined ? {} : { 'if-range': ifRange }) };
    const response = await simulator.openai.videos.downloadContent(id, {}, { headers });
    return { response, body: Buffer.from(await response.arrayBuffer()) };
  };
  const middle = await range('bytes=100-299', etag);
  expect(middle.response.status).toBe(206);
  expect(middle.response.headers.get('content-range')).toBe(`bytes 100-299/${bytes.length}`);
  expect(middle.body.equals(bytes.subarray(100, 300))).toBe(true);
  expect((await range('bytes=-50')).body.equals(bytes.subarray(-50))).toBe(true);
  expect((await range('bytes=1000-')).body.equals(bytes.subarray(1000))).toBe(true);
  const changed = await range('bytes=100-299', '"another"');
  expect(changed.response.status).toBe(200);
  expect(changed.body.equals(bytes)).toBe(true);
  await expect(range(`bytes=${bytes.length}-`)).rejects.toMatchObject({ status: 416 });
});

it.each(['disconnect', 'SIGTERM', 'SIGINT'] as const)(
  'ends on %s and leaves no files behind',
  async (how) => {
    const temporary = await mkdtemp(join(tmpdir(), 'simulator-exit-'));
    const other = await startSimulator({ TMPDIR: temporary });
    const { id } = await other.openai.videos.create({ prompt: 'x' });
    await (await other.openai.videos.downloadContent(id, { variant: 'thumbnail' })).arrayBuffer();
    expect(await readdir(temporary)).toHaveLength(1);
    const exited = once(other.process, 'exit');
    if (how === 'disconnect') other.process.disconnect();
    else other.process.kill(how);
    expect(await exited).toEqual([0, null]);
    expect(await readdir(temporary)).toEqual([]);
    await rm(temporary, { recursive: true });
    expect(existsSync(temporary)).toBe(false);
  },
);
