import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from './start-simulator.ts';

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(async () => await simulator.stop());

it.each([
  ['PUT', '/videos', 'GET, POST'],
  ['GET', '/videos/edits', 'POST'],
  ['DELETE', '/videos/extensions', 'POST'],
  ['GET', '/videos/characters', 'POST'],
  ['POST', '/videos/characters/char_123', 'GET'],
  ['POST', '/videos/video_123', 'GET, DELETE'],
  ['POST', '/videos/video_123/content', 'GET'],
  ['GET', '/videos/video_123/remix', 'POST'],
  ['POST', '/models', 'GET'],
  ['DELETE', '/models/sora-2', 'GET'],
])('refuses %s %s, and says what it allows', async (method, path, allow) => {
  const response = await fetch(`${simulator.origin}/v1${path}`, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe(allow);
  expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', code: null } });
});

it.each(['/_stainless_unknown_path?a=b', '/videos/edits/x', '/videos/characters/x/y', '/models/x/y'])(
  'answers %s in the envelope of errors',
  async (path) => {
    for (const base of ['', '/v1']) {
      const response = await fetch(`${simulator.origin}${base}${path}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: null },
      });
    }
  },
);

it('lists its models', async () => {
  const listed = await simulator.openai.models.list();
  expect(listed.data.map(({ id }) => id)).toEqual(['sora-2', 'sora-2-pro']);
  for (const model of listed.data) {
    expect(model).toEqual({
      id: model.id,
      object: 'model',
      created: expect.any(Number),
      owned_by: 'openai',
    });
    expect(await simulator.openai.models.retrieve(model.id)).toMatchObject(model);
  }
  await expect(simulator.openai.models.retrieve('sora-9')).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
});

it('has no models either during an outage', async () => {
  await simulator.control('PUT', '/defaults', { refuse: 503 });
  await expect(simulator.openai.models.list()).rejects.toMatchObject({ status: 503 });
  await simulator.control('PUT', '/defaults', {});
  expect((await simulator.openai.models.list()).data).toHaveLength(2);
});
