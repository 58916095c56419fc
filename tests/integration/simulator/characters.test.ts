import { createHash } from 'node:crypto';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { binaryPart, postForm, textPart } from './post-form.ts';
import { type RunningSimulator, startSimulator } from './start-simulator.ts';

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(async () => await simulator.stop());
beforeEach(async () => void (await simulator.control('POST', '/reset')));

const EXAMPLE = Buffer.from('Example data');
const createCharacter = async (name = 'Mossy') =>
  await simulator.openai.videos.createCharacter({ name, video: await toFile(EXAMPLE, 'README.md') });
const characterForm = async (...parts: Parameters<typeof postForm>[1]) =>
  await postForm(`${simulator.origin}/v1/videos/characters`, parts);
const createWith = async (characters: unknown) =>
  await fetch(`${simulator.origin}/v1/videos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'Mossy walks', characters }),
  });
const truth = async () =>
  (await simulator.control('GET', '/truth')) as {
    videos: { character_ids: string[] }[];
    characters: Record<string, unknown>[];
    totals: Record<string, number>;
    requests: { counts: Record<string, number> };
  };

it('makes a character, and finds it again', async () => {
  const { _request_id, ...made } = await createCharacter();
  expect(_request_id).toMatch(/^req_/);
  expect(made).toEqual({
    id: expect.stringMatching(/^char_/),
    name: 'Mossy',
    created_at: expect.any(Number),
  });
  const { _request_id: _, ...found } = await simulator.openai.videos.getCharacter(made.id ?? '');
  expect(found).toEqual(made);
  const { characters, totals, requests } = await truth();
  expect(totals).toMatchObject({ characters: 1, creates: 0, charges_micro_usd: 0 });
  expect(requests.counts).toEqual({ character: 1, character_get: 1 });
  const sha256 = createHash('sha256').update(EXAMPLE).digest('hex');
  expect(characters).toMatchObject([{ ...made, forgotten: false, video: { bytes: 12, sha256 } }]);
});

it('takes a file without a name', async () => {
  const response = await characterForm(binaryPart('video', EXAMPLE), textPart('name', 'x'));
  expect(await response.json()).toMatchObject({ name: 'x' });
});

it.each([
  ['no name', [binaryPart('video', 'x')], 'missing_required_parameter', 'name'],
  [
    'too long a name',
    [binaryPart('video', 'x'), textPart('name', 'x'.repeat(81))],
    'string_above_max_length',
    'name',
  ],
  ['no video', [textPart('name', 'x')], 'missing_required_parameter', 'video'],
  ['a text for a video', [textPart('name', 'x'), textPart('video', 'x')], 'invalid_type', 'video'],
  ['an id for a video', [textPart('name', 'x'), textPart('video[id]', 'x')], 'invalid_type', 'video'],
])('refuses a character with %s', async (_, parts, code, param) => {
  const response = await characterForm(...parts);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code, param } });
  expect((await truth()).totals).toMatchObject({ characters: 0, refused: 1 });
});

it('makes characters from forms only', async () => {
  await expect(simulator.openai.post('/videos/characters', { body: { name: 'x' } })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('multipart/form-data'),
  });
});

it('lets two characters play, in JSON and in a form, and not three', async () => {
  const ids: string[] = [];
  for (const name of ['Mossy', 'Fern', 'Ivy']) ids.push((await createCharacter(name)).id ?? '');
  const two = ids.slice(0, 2);
  expect((await createWith(two.map((id) => ({ id })))).status).toBe(200);
  const form = await postForm(`${simulator.origin}/v1/videos`, [
    textPart('prompt', 'x'),
    ...two.map((id) => binaryPart('characters[][id]', id)),
  ]);
  expect(form.status).toBe(200);
  const params = { prompt: 'x', characters: two.map((id) => ({ id })) };
  await simulator.openai.videos.create(params);
  expect((await truth()).videos.map(({ character_ids }) => character_ids)).toEqual([two, two, two]);
  const three = await createWith(ids.map((id) => ({ id })));
  expect(three.status).toBe(400);
  expect(await three.json()).toMatchObject({
    error: { code: 'array_above_max_length', param: 'characters' },
  });
  expect((await createWith(['x'])).status).toBe(400);
  expect((await createWith({ id: ids[0] })).status).toBe(400);
});

it('knows no other character, and none that it was told to forget', async () => {
  const missing = { status: 404, code: 'character_not_found' };
  await expect(simulator.openai.videos.getCharacter('char_123')).rejects.toMatchObject(missing);
  expect((await createWith([{ id: 'char_123' }])).status).toBe(404);
  const { id } = await createCharacter();
  await simulator.control('POST', '/forget', { id });
  await expect(simulator.openai.videos.getCharacter(id ?? '')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  expect((await createWith([{ id }])).status).toBe(404);
  expect((await truth()).totals).toMatchObject({ characters: 1, creates: 0 });
});

it('obeys rules for characters', async () => {
  const rule = (operation: string) => ({ match: { operation }, behaviour: { refuse: 503 } });
  await simulator.control('POST', '/rules', rule('character'));
  await simulator.control('POST', '/rules', rule('character_get'));
  await expect(createCharacter()).rejects.toMatchObject({ status: 503 });
  const { id } = await createCharacter();
  await expect(simulator.openai.videos.getCharacter(id ?? '')).rejects.toMatchObject({ status: 503 });
  expect((await simulator.openai.videos.getCharacter(id ?? '')).id).toBe(id);
});
