import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { file, postForm, text } from './forms.ts';
import { makingRequests } from './truth.ts';

let stack: Stack;
let owner: Team;
let stranger: Team;
let videoId: string;
let characterId: string;

beforeAll(async () => {
  stack = await startStack();
  await stack.startWorker();
  owner = await stack.addTeam();
  stranger = await stack.addTeam();
  const video = await stack.ask(owner, 'POST', '/v1/videos', {
    json: { prompt: 'mine', metadata: { campaign: 'secret' } },
    headers: { prefer: 'wait=30' },
  });
  expect(video.json.status).toBe('completed');
  videoId = video.json.id;
  const character = await postForm(stack, owner, '/v1/videos/characters', [
    text('name', 'Mossy'),
    file('video', 'Example data'),
  ]);
  expect(character.status).toBe(200);
  characterId = character.json.id;
});
afterAll(() => stack.close());

interface Case {
  readonly method: 'GET' | 'POST';
  readonly path: (videoId: string, characterId: string) => string;
  readonly json?: (videoId: string, characterId: string) => unknown;
  readonly form?: (videoId: string, characterId: string) => Buffer[];
  readonly code: string;
}

const CASES: Record<string, Case> = {
  remix: {
    method: 'POST',
    path: (id) => `/videos/${id}/remix`,
    json: () => ({ prompt: 'x' }),
    code: 'video_not_found',
  },
  'edit in JSON': {
    method: 'POST',
    path: () => '/videos/edits',
    json: (id) => ({ prompt: 'x', video: { id } }),
    code: 'video_not_found',
  },
  'edit in a form': {
    method: 'POST',
    path: () => '/videos/edits',
    form: (id) => [text('video[id]', id), text('prompt', 'x')],
    code: 'video_not_found',
  },
  'extend in JSON': {
    method: 'POST',
    path: () => '/videos/extensions',
    json: (id) => ({ prompt: 'x', seconds: '4', video: { id } }),
    code: 'video_not_found',
  },
  'extend in a form': {
    method: 'POST',
    path: () => '/videos/extensions',
    form: (id) => [text('video[id]', id), text('prompt', 'x'), text('seconds', '4')],
    code: 'video_not_found',
  },
  'a character in JSON': {
    method: 'POST',
    path: () => '/videos',
    json: (_, id) => ({ prompt: 'x', characters: [{ id }] }),
    code: 'character_not_found',
  },
  'a character in a form': {
    method: 'POST',
    path: () => '/videos',
    form: (_, id) => [text('prompt', 'x'), text('characters[][id]', id)],
    code: 'character_not_found',
  },
  'a look at a character': {
    method: 'GET',
    path: (_, id) => `/videos/characters/${id}`,
    code: 'character_not_found',
  },
  'a look': { method: 'GET', path: (id) => `/videos/${id}`, code: 'video_not_found' },
  lineage: { method: 'GET', path: (id) => `/videos/${id}/lineage`, code: 'video_not_found' },
  content: { method: 'GET', path: (id) => `/videos/${id}/content`, code: 'video_not_found' },
  cancel: { method: 'POST', path: (id) => `/videos/${id}/cancel`, code: 'video_not_found' },
};

describe.each(['/v1', '/openai/v1'])('under %s', (base) => {
  test.each(Object.entries(CASES))(
    "%s: another team's id is answered as one that never was, and nothing goes upstream",
    async (_, { method, path, json, form, code }) => {
      const ask = (team: Team, video: string, character: string) =>
        form
          ? postForm(stack, team, `${base}${path(video, character)}`, form(video, character))
          : stack.ask(team, method, `${base}${path(video, character)}`, {
              ...(json && { json: json(video, character) }),
            });
      const before = await makingRequests(stack);
      const theirs = await ask(stranger, videoId, characterId);
      const unknown = await ask(stranger, `video_${'0'.repeat(32)}`, `char_${'0'.repeat(32)}`);
      expect(theirs).toMatchObject({ status: 404, json: { error: { code } } });
      const anonymous = (text: string) => text.replaceAll(/(video|char)_[0-9a-f]{32}/g, '$1_');
      expect(anonymous(theirs.text)).toBe(anonymous(unknown.text));
      const own = (headers: object) => Object.keys(headers).sort();
      expect(own(theirs.headers)).toEqual(own(unknown.headers));
      expect(await makingRequests(stack)).toBe(before);
    },
  );
});

test('lists and filters show nothing of another team', async () => {
  for (const query of [
    '',
    '?status=completed',
    '?metadata[campaign]=secret',
    '?operation=create&model=sora-2',
  ]) {
    expect((await stack.ask(stranger, 'GET', `/v1/videos${query}`)).json.data).toEqual([]);
    expect((await stack.ask(owner, 'GET', `/v1/videos${query}`)).json.data).toHaveLength(1);
  }
});

test("another team's Idempotency-Key is one's own to use", async () => {
  const headers = { 'idempotency-key': 'shared-name' };
  const make = (team: Team) => stack.ask(team, 'POST', '/v1/videos', { json: { prompt: 'same' }, headers });
  const [first, second] = [await make(owner), await make(stranger)];
  expect(second.json.id).not.toBe(first.json.id);
  expect(second.headers['x-reelgate-replayed']).toBeUndefined();
});

test('a source that is not ready: 400, and nothing goes upstream', async () => {
  const { json } = await stack.create(owner, { prompt: 'not yet [[sim stuck]]' });
  const before = await makingRequests(stack);
  const remix = await stack.ask(owner, 'POST', `/v1/videos/${json.id}/remix`, { json: { prompt: 'x' } });
  expect(remix).toMatchObject({
    status: 400,
    json: { error: { code: 'video_not_ready', param: 'video_id' } },
  });
  const edit = await stack.ask(owner, 'POST', '/v1/videos/edits', {
    json: { prompt: 'x', video: { id: json.id } },
  });
  expect(edit).toMatchObject({ status: 400, json: { error: { code: 'video_not_ready', param: 'video' } } });
  expect(await stack.ask(owner, 'GET', `/v1/videos/${json.id}/content`)).toMatchObject({ status: 404 });
  expect(await makingRequests(stack)).toBe(before);
});
