import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { askRaw, type RunningSimulator, startSimulator } from './start-simulator.ts';

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(async () => await simulator.stop());
beforeEach(async () => void (await simulator.control('POST', '/reset')));

interface Totals {
  readonly creates: number;
  readonly refused: number;
  readonly charges_micro_usd: number;
}

const truth = async () =>
  (await simulator.control('GET', '/truth')) as {
    videos: { id: string; downloads: number; content: { video: { sha256: string; bytes: number } } }[];
    totals: Totals;
  };
const createRaw = async (directive: string, waitMs?: number) => {
  const body = JSON.stringify({ prompt: `A boat [[sim ${directive}]]` });
  return await askRaw(simulator.port, 'POST /v1/videos HTTP/1.1', body, waitMs);
};
const create = async (directive = '') =>
  await simulator.openai.videos.create({ prompt: `A boat [[sim ${directive}]]` });
const contentRaw = async (id: string, waitMs?: number) =>
  await askRaw(simulator.port, `GET /v1/videos/${id}/content HTTP/1.1`, '', waitMs);
const headAndBody = (text: string) => {
  const border = text.indexOf('\r\n\r\n');
  return { head: text.slice(0, border).toLowerCase(), body: text.slice(border + 4) };
};

it.each([
  ['answer=rst', 'rst', ''],
  ['answer=fin', 'fin', ''],
  ['answer=hang', 'open', ''],
  ['answer=cut cut_answer_at=15', 'fin', '{"id":"video_'],
] as const)('takes a create, and then %s', async (directive, end, beginning) => {
  const answer = await createRaw(directive, 400);
  expect(answer.end).toBe(end);
  if (beginning === '') expect(answer.bytes).toBe(0);
  else {
    const { head, body } = headAndBody(answer.text);
    expect(head).toMatch(/^http\/1\.1 200 /);
    expect(body).toHaveLength(15);
    expect(Number(/content-length: (\d+)/.exec(head)?.[1])).toBeGreaterThan(200);
    expect(body.startsWith(beginning)).toBe(true);
  }
  expect((await truth()).totals.creates).toBe(1);
  expect((await simulator.openai.videos.list()).data).toHaveLength(1);
});

it('takes a create, and a proxy answers 502', async () => {
  await expect(create('answer=502')).rejects.toMatchObject({ status: 502 });
  expect((await truth()).totals).toMatchObject({ creates: 1, refused: 0 });
});

it('takes a create, and answers late', async () => {
  const before = performance.now();
  await create('delay_ms=300');
  expect(performance.now() - before).toBeGreaterThanOrEqual(299);
});

it('drops a create before it takes effect', async () => {
  expect(await createRaw('drop')).toMatchObject({ bytes: 0, end: 'rst' });
  expect((await truth()).totals).toMatchObject({ creates: 0, refused: 0 });
});

it.each([
  ['refuse=400', 400, 'content_policy_violation'],
  ['refuse=401', 401, 'invalid_api_key'],
  ['refuse=403', 403, 'organization_not_verified'],
  ['refuse=404', 404, 'model_not_found'],
  ['refuse=500', 500, null],
  ['refuse=503', 503, null],
  ['refuse=429 refuse_code=insufficient_quota', 429, 'insufficient_quota'],
  ['rate_limited', 429, 'rate_limit_exceeded'],
])('refuses a create with %s', async (directive, status, code) => {
  const error = await create(directive).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ status, code });
  expect((error as { headers: Headers }).headers.get('retry-after')).toBeNull();
  expect((await truth()).totals).toMatchObject({ creates: 0, refused: 1 });
});

it('says when to come back, if it is told to', async () => {
  const error = await create('rate_limited retry_after=7').catch((reason: unknown) => reason);
  expect((error as { headers: Headers }).headers.get('retry-after')).toBe('7');
});

it('is strict about reference files on command', async () => {
  const input_reference = new File(['x'], 'frame', { type: 'application/octet-stream' });
  const prompt = 'x [[sim strict_references]]';
  const error = await simulator.openai.videos
    .create({ prompt, input_reference })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ status: 400, code: 'unsupported_file_mimetype' });
});

it('fails late, and charges for it only on command', async () => {
  const failed = await create('fail=moderation');
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'moderation_blocked' } });
  expect((await truth()).totals.charges_micro_usd).toBe(0);
  await create('fail=processing_error charge_failed');
  expect((await truth()).totals.charges_micro_usd).toBe(400_000);
});

it('never finishes, counts backwards, speaks an odd word, and hides the expiry', async () => {
  expect(await create('stuck status_word=processing')).toMatchObject({ status: 'processing', progress: 99 });
  expect(await create('expires_at_null')).toMatchObject({ status: 'completed', expires_at: null });
  const { id } = await create('render_ms=600 progress_noise');
  const seen: number[] = [];
  await vi.waitFor(
    async () => {
      const video = await simulator.openai.videos.retrieve(id);
      seen.push(video.progress);
      expect(video.status).toBe('completed');
    },
    { interval: 50, timeout: 5000 },
  );
  expect(seen.some((progress, index) => index > 0 && progress < (seen[index - 1] ?? 0))).toBe(true);
});

it('lists a video late', async () => {
  const { id } = await create('list_lag_s=0.3');
  expect((await simulator.openai.videos.list()).data).toEqual([]);
  expect((await simulator.openai.videos.retrieve(id)).id).toBe(id);
  await vi.waitFor(async () => expect((await simulator.openai.videos.list()).data).toHaveLength(1), 10_000);
});

it('expires', async () => {
  const { id } = await create('expires_s=1');
  await (await simulator.openai.videos.downloadContent(id, { variant: 'thumbnail' })).arrayBuffer();
  await vi.waitFor(
    async () => await expect(simulator.openai.videos.retrieve(id)).rejects.toMatchObject({ status: 404 }),
    { timeout: 5000 },
  );
  await expect(simulator.openai.videos.downloadContent(id)).rejects.toMatchObject({ status: 404 });
  expect((await simulator.openai.videos.list()).data).toEqual([]);
});

it('cuts content short of its announced length', async () => {
  const { id } = await create('cut_at=1000');
  const answer = await contentRaw(id);
  expect(answer.end).toBe('fin');
  const { head, body } = headAndBody(answer.text);
  expect(Number(/content-length: (\d+)/.exec(head)?.[1])).toBeGreaterThan(10_000);
  expect(body).toHaveLength(1000);
});

it('cuts content whose length nobody announced', async () => {
  const { id } = await create('cut_at=1000 lengthless');
  const { head, body } = headAndBody((await contentRaw(id)).text);
  expect(head).toMatch(/^http\/1\.1 200 /);
  expect(head).not.toMatch(/content-length|transfer-encoding/);
  expect(head).toContain('connection: close');
  expect(body).toHaveLength(1000);
});

it('sends whole content without a length', async () => {
  const { id } = await create('lengthless');
  const response = await simulator.openai.videos.downloadContent(id);
  expect(response.headers.get('content-length')).toBeNull();
  const bytes = Buffer.from(await response.arrayBuffer());
  const { content } = (await truth()).videos[0] ?? {};
  expect(content?.video).toEqual({
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
});

it('sends content slowly', async () => {
  const { id } = await create('bytes_per_second=2000');
  const { end, text } = await contentRaw(id, 600);
  expect(end).toBe('open');
  const { body } = headAndBody(text);
  expect(body.length).toBeGreaterThan(100);
  expect(body.length).toBeLessThan(4000);
});

it('sends wrong bytes of the right length, and an ETag that changes', async () => {
  const { id } = await create('wrong_bytes changing_etag');
  const one = await simulator.openai.videos.downloadContent(id);
  const two = await simulator.openai.videos.downloadContent(id);
  expect(one.headers.get('etag')).not.toBe(two.headers.get('etag'));
  const bytes = Buffer.from(await one.arrayBuffer());
  expect(bytes.equals(Buffer.from(await two.arrayBuffer()))).toBe(true);
  const { content } = (await truth()).videos[0] ?? {};
  expect(bytes).toHaveLength(content?.video.bytes ?? 0);
  expect(createHash('sha256').update(bytes).digest('hex')).not.toBe(content?.video.sha256);
});

it('sends a page instead of a film, redirects for ever, and has only the film', async () => {
  const page = await simulator.openai.videos.downloadContent((await create('html_200')).id);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  const looping = await create('redirect_loop');
  await expect(fetch(`${simulator.origin}/v1/videos/${looping.id}/content`)).rejects.toMatchObject({
    cause: { message: 'redirect count exceeded' },
  });
  const { id } = await create('only_video');
  for (const variant of ['thumbnail', 'spritesheet'] as const) {
    await expect(simulator.openai.videos.downloadContent(id, { variant })).rejects.toMatchObject({
      status: 404,
    });
  }
  expect((await simulator.openai.videos.downloadContent(id)).status).toBe(200);
});

it('makes a large film of whole boxes, and knows its hash', async () => {
  const total = 30_000_000;
  const { id } = await create(`content_bytes=${total}`);
  const response = await simulator.openai.videos.downloadContent(id);
  expect(response.headers.get('content-length')).toBe(String(total));
  const bytes = Buffer.from(await response.arrayBuffer());
  const types: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    types.push(bytes.toString('latin1', at + 4, at + 8));
    at += bytes.readUInt32BE(at);
  }
  expect(at).toBe(total);
  expect(types).toEqual(['ftyp', 'moov', 'mdat', 'free']);
  const { content } = (await truth()).videos[0] ?? {};
  expect(content?.video).toEqual({ bytes: total, sha256: createHash('sha256').update(bytes).digest('hex') });
});

it('applies defaults to later requests, and a rule to the next matching ones', async () => {
  const { id } = await create();
  await simulator.control('PUT', '/defaults', { render_ms: 60_000, refuse_code: 'x' });
  expect(await simulator.control('PATCH', '/defaults', { refuse_code: null })).toEqual({ render_ms: 60_000 });
  expect((await create()).status).toBe('queued');
  expect((await simulator.openai.videos.retrieve(id)).status).toBe('completed');

  const rule = { match: { operation: 'retrieve', id }, times: 2, behaviour: { refuse: 503 } };
  await simulator.control('POST', '/rules', rule);
  await simulator.openai.videos.list();
  for (let turn = 0; turn < 2; turn++) {
    await expect(simulator.openai.videos.retrieve(id)).rejects.toMatchObject({ status: 503 });
  }
  expect((await simulator.openai.videos.retrieve(id)).id).toBe(id);
  await simulator.control('POST', '/rules', { behaviour: { refuse: 500 } });
  await simulator.control('DELETE', '/rules');
  expect((await simulator.openai.videos.list()).data).toHaveLength(2);
  await expect(simulator.control('PUT', '/defaults', { typo: 1 })).rejects.toThrow('400');
});

it('cuts the first download by a rule, and the next is whole', async () => {
  const { id } = await create();
  await simulator.control('POST', '/rules', { match: { operation: 'content' }, behaviour: { cut_at: 10 } });
  await expect(
    simulator.openai.videos.downloadContent(id).then((cut) => cut.arrayBuffer()),
  ).rejects.toThrow();
  const whole = await simulator.openai.videos.downloadContent(id);
  expect(await whole.arrayBuffer()).toHaveProperty('byteLength', Number(whole.headers.get('content-length')));
});

it('forgets one video or all of them, but not what it charged', async () => {
  const [one, two] = [await create(), await create()];
  await simulator.control('POST', '/forget', { id: one.id });
  await expect(simulator.openai.videos.retrieve(one.id)).rejects.toMatchObject({ status: 404 });
  expect((await simulator.openai.videos.list()).data.map(({ id }) => id)).toEqual([two.id]);
  expect(await simulator.control('POST', '/forget')).toEqual({ forgotten: 1 });
  expect((await simulator.openai.videos.list()).data).toEqual([]);
  expect((await truth()).totals).toMatchObject({ creates: 2, charges_micro_usd: 800_000 });
});
