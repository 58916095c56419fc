import { createHash } from 'node:crypto';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { binaryPart, type Part, postForm, textPart } from './post-form.ts';
import { type RunningSimulator, startSimulator } from './start-simulator.ts';

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(async () => await simulator.stop());
beforeEach(async () => void (await simulator.control('POST', '/reset')));

interface Truth {
  readonly videos: readonly {
    readonly id: string;
    readonly operation: string;
    readonly source_video_id: string | null;
    readonly source_file: Record<string, unknown> | null;
    readonly billed_seconds: number;
    readonly charged_micro_usd: number;
  }[];
  readonly characters: readonly Record<string, unknown>[];
  readonly totals: { creates: number; characters: number; refused: number; charges_micro_usd: number };
  readonly requests: { counts: Record<string, number>; log: readonly { video_id: string | null }[] };
}

const truth = async () => (await simulator.control('GET', '/truth')) as Truth;
const record = async (id: string) => (await truth()).videos.find((video) => video.id === id);
const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');
const create = async (directive = '') =>
  await simulator.openai.videos.create({
    prompt: `A boat [[sim ${directive}]]`,
    model: 'sora-2-pro',
    seconds: '8',
    size: '1280x720',
  });
const post = async (path: string, body: unknown) =>
  await fetch(`${simulator.origin}/v1/videos${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const form = async (path: string, ...parts: readonly Part[]) =>
  await postForm(`${simulator.origin}/v1/videos${path}`, parts);
/** A file of the size and length of a video of ours. */
const download = async (id: string) =>
  Buffer.from(await (await simulator.openai.videos.downloadContent(id)).arrayBuffer());

const SOURCE = { model: 'sora-2-pro', size: '1280x720', seconds: '8' };

describe('a remix', () => {
  it('is as long and as large as its source, says where it is from, and charges all of it', async () => {
    const source = await create();
    const remix = await simulator.openai.videos.remix(source.id, { prompt: 'A ship' });
    expect(Object.keys(remix).filter((key) => key !== '_request_id')).toHaveLength(13);
    expect(remix).toMatchObject({ ...SOURCE, prompt: 'A ship', remixed_from_video_id: source.id });
    expect(remix.id).not.toBe(source.id);
    expect(await record(remix.id)).toMatchObject({
      ...{ operation: 'remix', source_video_id: source.id, source_file: null },
      ...{ billed_seconds: 8, charged_micro_usd: 2_400_000 },
    });
    const again = await simulator.openai.videos.retrieve(remix.id);
    expect(again.remixed_from_video_id).toBe(source.id);
    expect((await download(remix.id)).equals(await download(source.id))).toBe(false);
  });

  it('comes as a form too', async () => {
    const source = await create();
    const response = await form(`/${source.id}/remix`, textPart('prompt', 'A ship'));
    expect(await response.json()).toMatchObject({ prompt: 'A ship', remixed_from_video_id: source.id });
  });

  it.each([
    ['nothing', undefined, 'missing_required_parameter'],
    ['an empty prompt', '', 'missing_required_parameter'],
    ['a number', 1, 'invalid_type'],
    ['too long a prompt', 'x'.repeat(32_001), 'string_above_max_length'],
  ])('is refused with %s', async (_, prompt, code) => {
    const response = await post(`/${(await create()).id}/remix`, { prompt });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code, param: 'prompt' } });
    expect((await truth()).totals.creates).toBe(1);
  });
});

describe('an edit', () => {
  it('takes model, length and size from the video it names', async () => {
    const source = await create();
    const edit = await simulator.openai.videos.edit({ prompt: 'Rain', video: { id: source.id } });
    expect(edit).toMatchObject({ ...SOURCE, prompt: 'Rain', remixed_from_video_id: null });
    const body = { prompt: 'Rain', video: { id: source.id }, model: 'sora-2' };
    expect(await (await post('/edits', body)).json()).toMatchObject(SOURCE);
    expect(await record(edit.id)).toMatchObject({
      ...{ operation: 'edit', source_video_id: source.id, source_file: null },
      ...{ billed_seconds: 8, charged_micro_usd: 2_400_000 },
    });
  });

  it('reads length and size of a file, and takes its model from the request', async () => {
    const film = await download((await create()).id);
    const parts = [binaryPart('video', film, 'boat.mp4'), textPart('prompt', 'Rain')];
    const chosen = await form('/edits', ...parts, textPart('model', 'sora-2-pro'));
    expect(await chosen.json()).toMatchObject({ ...SOURCE, remixed_from_video_id: null });
    const edit = await simulator.openai.videos.edit({
      prompt: 'Rain',
      video: await toFile(film, 'boat.mp4', { type: 'video/mp4' }),
    });
    expect(edit).toMatchObject({ ...SOURCE, model: 'sora-2' });
    expect(await record(edit.id)).toMatchObject({
      source_video_id: null,
      source_file: { filename: 'boat.mp4', bytes: film.length, sha256: sha256(film) },
      billed_seconds: 8,
      charged_micro_usd: 800_000,
    });
  });

  it.each(['README.md', 'upload', 'anonymous_file', undefined])(
    'takes bytes that are no film, named %s',
    async (filename) => {
      const file = binaryPart('video', 'Example data', filename);
      const response = await form('/edits', file, textPart('prompt', 'x'));
      expect(response.status).toBe(200);
      const edit = (await response.json()) as { id: string };
      expect(edit).toMatchObject({ model: 'sora-2', seconds: '4', size: '720x1280' });
      expect((await record(edit.id))?.source_file).toMatchObject({
        bytes: 12,
        sha256: sha256('Example data'),
      });
    },
  );

  it('reads an id that is labelled as bytes', async () => {
    const { id } = await create();
    const response = await form('/edits', textPart('prompt', 'x'), binaryPart('video[id]', id));
    const edit = (await response.json()) as { id: string };
    expect((await record(edit.id))?.source_video_id).toBe(id);
  });

  it.each([
    ['no video', undefined, 'missing_required_parameter', 'video'],
    ['no id', {}, 'missing_required_parameter', 'video.id'],
    ['a word', 'video_1', 'invalid_type', 'video'],
    ['a file in words', { kind: 'file', bytes: 1, sha256: 'x' }, 'missing_required_parameter', 'video.id'],
  ])('is refused with %s', async (_, video, code, param) => {
    const response = await post('/edits', { prompt: 'x', video });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code, param } });
  });

  it('is refused with a text where a file belongs', async () => {
    const response = await form('/edits', textPart('prompt', 'x'), textPart('video', 'video_1'));
    expect(await response.json()).toMatchObject({
      error: { code: 'invalid_type', param: 'video', message: expect.stringContaining('expected a file') },
    });
  });
});

describe('an extension', () => {
  it('is as long as both, and charges what it adds', async () => {
    const source = await create();
    const extension = await simulator.openai.videos.extend({
      prompt: 'On and on',
      seconds: '12',
      video: { id: source.id },
    });
    expect(extension).toMatchObject({ ...SOURCE, seconds: '20', remixed_from_video_id: null });
    expect(await record(extension.id)).toMatchObject({
      ...{ operation: 'extend', source_video_id: source.id },
      ...{ billed_seconds: 12, charged_micro_usd: 12 * 300_000 },
    });
    const film = await download(extension.id);
    const edit = await simulator.openai.videos.edit({ prompt: 'x', video: await toFile(film, 'a.mp4') });
    expect(edit.seconds).toBe('20');
  });

  it('extends a file', async () => {
    const film = await download((await create()).id);
    const video = await toFile(film, 'boat.mp4', { type: 'video/mp4' });
    const extension = await simulator.openai.videos.extend({ prompt: 'x', seconds: '4', video });
    expect(extension).toMatchObject({ model: 'sora-2', size: '1280x720', seconds: '12' });
    expect((await record(extension.id))?.charged_micro_usd).toBe(400_000);
    const nameless = binaryPart('video', 'Example data');
    const response = await form('/extensions', nameless, textPart('prompt', 'x'), textPart('seconds', '16'));
    expect(await response.json()).toMatchObject({ seconds: '20', size: '720x1280' });
  });

  it('ends after six turns, or two minutes', async () => {
    const extend = async (id: string, seconds: string) =>
      await post('/extensions', { prompt: 'x', seconds, video: { id } });
    const walk = async (seconds: string, turns: number) => {
      let { id } = await create();
      for (let turn = 0; turn < turns; turn++) {
        ({ id } = (await (await extend(id, seconds)).json()) as { id: string });
      }
      return id;
    };
    const sixTimes = await extend(await walk('4', 6), '4');
    expect(sixTimes.status).toBe(400);
    expect(await sixTimes.json()).toMatchObject({ error: { param: 'video' } });
    const long = await walk('20', 5);
    const tooLong = await extend(long, '16');
    expect(tooLong.status).toBe(400);
    expect(await tooLong.json()).toMatchObject({ error: { param: 'seconds' } });
    expect(await (await extend(long, '12')).json()).toMatchObject({ seconds: '120' });
  });

  it.each([
    ['no length', undefined, 'missing_required_parameter'],
    ['a number', 4, 'invalid_type'],
    ['an odd length', '5', 'invalid_value'],
  ])('is refused with %s', async (_, seconds, code) => {
    const { id } = await create();
    const response = await post('/extensions', { prompt: 'x', seconds, video: { id } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code, param: 'seconds' } });
  });
});

describe.each([
  ['remix', (id: string) => simulator.openai.videos.remix(id, { prompt: 'x' })],
  ['edit', (id: string) => simulator.openai.videos.edit({ prompt: 'x', video: { id } })],
  ['extend', (id: string) => simulator.openai.videos.extend({ prompt: 'x', seconds: '4', video: { id } })],
] as const)('to %s', (operation, derive) => {
  const absent = { status: 404, code: 'video_not_found' };

  it('needs a video that is there', async () => {
    await expect(derive('video_123')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const [forgotten, deleted, expired] = [await create(), await create(), await create('expires_s=1')];
    await simulator.control('POST', '/forget', { id: forgotten.id });
    await simulator.openai.videos.delete(deleted.id);
    await expect(derive(forgotten.id)).rejects.toMatchObject(absent);
    await expect(derive(deleted.id)).rejects.toMatchObject(absent);
    await vi.waitFor(
      async () =>
        await expect(simulator.openai.videos.retrieve(expired.id)).rejects.toMatchObject({ status: 404 }),
      { timeout: 5000 },
    );
    await expect(derive(expired.id)).rejects.toMatchObject(absent);
    expect((await truth()).totals.creates).toBe(3);
  });

  it('needs a video that is completed', async () => {
    const error = { status: 400, code: 'video_not_ready' };
    await expect(derive((await create('stuck')).id)).rejects.toMatchObject(error);
    await expect(derive((await create('fail=moderation')).id)).rejects.toMatchObject(error);
  });

  it('obeys commands like a create', async () => {
    const source = await create();
    const match = { operation, id: source.id };
    await simulator.control('POST', '/rules', { match, behaviour: { refuse: 503 } });
    await simulator.control('POST', '/rules', { match, behaviour: { answer: 502, fail: 'moderation' } });
    await expect(derive(source.id)).rejects.toMatchObject({ status: 503 });
    await expect(derive(source.id)).rejects.toMatchObject({ status: 502 });
    const [hidden] = (await simulator.openai.videos.list({ limit: 1 })).data;
    expect(hidden).toMatchObject({ status: 'failed', error: { code: 'moderation_blocked' } });
    await simulator.control('PUT', '/defaults', { render_ms: 60_000 });
    expect((await derive(source.id)).status).toBe('queued');
    const { requests, totals } = await truth();
    expect(requests.counts).toMatchObject({ create: 1, [operation]: 3 });
    expect(totals).toMatchObject({ creates: 3, charges_micro_usd: 2_400_000 });
  });
});

it('obeys commands in the prompt of an edit', async () => {
  const { id } = await create();
  const edit = await simulator.openai.videos.edit({
    prompt: 'Rain [[sim fail=processing_error]]',
    video: { id },
  });
  expect(edit).toMatchObject({ status: 'failed', error: { code: 'processing_error' } });
});

it('refuses JSON that is labelled as a form', async () => {
  const { id } = await create();
  const response = await fetch(`${simulator.origin}/v1/videos/edits`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: JSON.stringify({ prompt: 'x', video: { id } }),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
});

it('is strict about the files of edits on command', async () => {
  const prompt = textPart('prompt', 'x [[sim strict_references]]');
  const nameless = await form('/edits', binaryPart('video', 'x'), prompt);
  expect(await nameless.json()).toMatchObject({ error: { code: 'invalid_type', param: 'video' } });
  const unlabelled = await form('/edits', binaryPart('video', 'x', 'a.mp4'), prompt);
  expect(await unlabelled.json()).toMatchObject({ error: { code: 'unsupported_file_mimetype' } });
});
