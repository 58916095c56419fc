import { randomBytes } from 'node:crypto';
import { request as send } from 'node:http';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type AnswerFault,
  answerFaults,
  type FaultyProxy,
  startFaultyProxy,
} from '../../conformance/retries/faulty-proxy.ts';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { file, postForm, text } from './forms.ts';
import { newest, truthOf } from './truth.ts';

let stack: Stack;
let team: Team;

beforeAll(async () => {
  stack = await startStack();
  await stack.startWorker();
});
afterAll(() => stack.close());
beforeEach(async () => {
  await stack.simulator.control('POST', 'reset');
  team = await stack.addTeam();
});

const creates = async () => (await truthOf(stack)).totals.creates;
const finishedSource = async () => {
  const { json } = await stack.ask(team, 'POST', '/v1/videos', {
    json: { prompt: 'a source' },
    headers: { prefer: 'wait=30' },
  });
  expect(json.status).toBe('completed');
  return json.id as string;
};

describe('Idempotency-Key', () => {
  const ask = (key: string, json: object = { prompt: 'once' }, path = '/v1/videos') =>
    stack.ask(team, 'POST', path, { json, headers: { 'idempotency-key': key } });

  test('the same video, however often and however spelled; the copies say so', async () => {
    const first = await ask('order-1');
    expect(first.headers['x-reelgate-replayed']).toBeUndefined();
    for (const again of [await ask('order-1'), await ask('"order-1"')]) {
      expect(again).toMatchObject({ status: 200, json: { id: first.json.id } });
      expect(again.headers['x-reelgate-replayed']).toBe('true');
    }
    expect(await creates()).toBe(1);
  });

  test('twenty at once: one video, twenty answers', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('at-once')));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['x-reelgate-replayed'] === 'true')).toHaveLength(19);
    expect(await creates()).toBe(1);
  });

  test('another request under the same key: 422, which no SDK repeats', async () => {
    await ask('order-2');
    expect(await ask('order-2', { prompt: 'other' })).toMatchObject({
      status: 422,
      json: { error: { code: 'idempotency_key_reused', param: 'Idempotency-Key' } },
    });
    expect(await creates()).toBe(1);
  });

  test('the file and the labels are a part of the request', async () => {
    const post = (content: string, label: string) =>
      postForm(
        stack,
        team,
        '/v1/videos',
        [text('prompt', 'x'), text('metadata[a]', label), file('input_reference', content)],
        { 'idempotency-key': 'with-file' },
      );
    const first = await post('one', 'x');
    expect((await post('one', 'x')).json.id).toBe(first.json.id);
    expect((await post('two', 'x')).status).toBe(422);
    expect((await post('one', 'y')).status).toBe(422);
    expect(await creates()).toBe(1);
  });

  test('another operation under the same key is another request', async () => {
    const source = await finishedSource();
    const remix = await ask('shared', { prompt: 'once' }, `/v1/videos/${source}/remix`);
    const again = await ask('shared', { prompt: 'once' }, `/v1/videos/${source}/remix`);
    expect(again.json.id).toBe(remix.json.id);
    expect((await ask('shared')).json.id).not.toBe(remix.json.id);
    expect(await creates()).toBe(3);
  });

  test('a refusal leaves the key free', async () => {
    expect((await ask('later', { prompt: '' })).status).toBe(400);
    const refused = await ask('later', { prompt: 'x [[sim refuse=400 refuse_code=no]]' });
    expect(refused).toMatchObject({ status: 400, headers: { 'x-should-retry': 'false' } });
    expect((await ask('later')).status).toBe(200);
  });

  test.each(['', '""', 'k'.repeat(256)])('a key that is none, %#: 400', async (key) => {
    expect(await ask(key)).toMatchObject({ status: 400, json: { error: { param: 'Idempotency-Key' } } });
    expect(await creates()).toBe(0);
  });
});

describe('a retry of the SDK after an answer was lost', () => {
  let proxy: FaultyProxy;
  const through = async (fault: AnswerFault) => {
    proxy = await startFaultyProxy(`${stack.gateway.origin}/v1`, { onFirstCreate: fault });
    return new OpenAI({ apiKey: team.secret, baseURL: proxy.baseURL, maxRetries: 2, timeout: 3_000 });
  };
  const picture = () => toFile(Buffer.alloc(200_000, 5), 'a.png', { type: 'image/png' });

  // The SDK for Node does not ask again for an answer whose body breaks off.
  test.each(answerFaults.filter((fault) => fault !== 'cut in its body'))(
    '%s: one video with its picture, which the caller holds',
    async (fault) => {
      const openai = await through(fault);
      try {
        const video = await openai.videos.create({ prompt: 'lost', input_reference: await picture() });
        expect(proxy.spoiled()).toBe(1);
        const { json } = await stack.ask(team, 'GET', '/v1/videos');
        expect(json.data.map(({ id }: { id: string }) => id)).toEqual([video.id]);
        expect(await creates()).toBe(1);
      } finally {
        await proxy.stop();
      }
    },
  );

  test('three identical ones at once are three videos', async () => {
    const openai = await through('reset');
    try {
      const videos = await Promise.all(
        [1, 2, 3].map(async () =>
          openai.videos.create({ prompt: 'thrice', input_reference: await picture() }),
        ),
      );
      expect(new Set(videos.map(({ id }) => id)).size).toBe(3);
      expect(proxy.spoiled()).toBe(3);
      expect(await creates()).toBe(3);
    } finally {
      await proxy.stop();
    }
  });

  test('a remix whose caller left before the answer is the same remix when asked again', async () => {
    const source = await finishedSource();
    await stack.simulator.control('POST', 'rules', {
      match: { operation: 'remix' },
      behaviour: { delay_ms: 1_000 },
    });
    const options = (retry: string) => ({
      json: { prompt: 'left' },
      headers: { 'x-stainless-retry-count': retry },
    });
    const leaving = send(`${stack.gateway.origin}/v1/videos/${source}/remix`, {
      method: 'POST',
      headers: { authorization: `Bearer ${team.secret}`, 'content-type': 'application/json' },
    });
    leaving.on('error', () => {});
    leaving.end(JSON.stringify({ prompt: 'left' }));
    await vi.waitFor(async () => expect(await creates()).toBe(2), 10_000);
    leaving.destroy();
    const again = await stack.ask(team, 'POST', `/v1/videos/${source}/remix`, options('1'));
    expect(again.headers['x-reelgate-replayed']).toBe('true');
    expect(await creates()).toBe(2);
    const fresh = await stack.ask(team, 'POST', `/v1/videos/${source}/remix`, options('0'));
    expect(fresh.json.id).not.toBe(again.json.id);
    expect(await creates()).toBe(3);
  });
});

test('an answer that was read whole is noted, one that nobody waited for is not', async () => {
  const answered = async (id: string) => {
    const { rows } = await stack.database.db.$client.query(
      'select answered_at is not null as answered from videos where id = $1',
      [id],
    );
    return rows[0].answered as boolean;
  };
  const { json } = await stack.create(team, { prompt: 'read' });
  await vi.waitFor(async () => expect(await answered(json.id)).toBe(true), 10_000);

  const leaving = send(`${stack.gateway.origin}/v1/videos`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${team.secret}`,
      'content-type': 'application/json',
      prefer: 'wait=30',
    },
  });
  leaving.on('error', () => {});
  leaving.end(JSON.stringify({ prompt: 'unread [[sim stuck]]' }));
  await vi.waitFor(async () => expect(await creates()).toBe(2), 10_000);
  const unread = await vi.waitFor(async () => {
    const [video] = (await stack.ask(team, 'GET', '/v1/videos?limit=1')).json.data;
    expect(video.prompt).toContain('unread');
    return video.id as string;
  }, 10_000);
  leaving.destroy();
  await vi.waitFor(
    () =>
      expect(stack.gateway.lines).toContainEqual(
        expect.objectContaining({ event: 'http.request', videoId: unread, outcome: 'broken_off' }),
      ),
    10_000,
  );
  expect(await answered(unread)).toBe(false);
});

test('x-reelgate-reuse: the finished video of the same request, and a new one without it', async () => {
  const ask = (headers: Record<string, string>) =>
    stack.ask(team, 'POST', '/v1/videos', { json: { prompt: 'again' }, headers });
  const reuse = { 'x-reelgate-reuse': 'true' };
  const first = await ask({ ...reuse, prefer: 'wait=30' });
  expect(first.json.status).toBe('completed');
  const again = await ask(reuse);
  expect(again).toMatchObject({ json: { id: first.json.id }, headers: { 'x-reelgate-replayed': 'true' } });
  expect((await ask({})).json.id).not.toBe(first.json.id);
  expect(await creates()).toBe(2);
});

describe('a source that the upstream has forgotten', () => {
  test('an edit and an extension go with the stored file instead, and are finished', async () => {
    const source = await finishedSource();
    const upstreamId = (await newest(stack)).id;
    await stack.simulator.control('POST', 'forget', { id: upstreamId });
    const options = (json: object) => ({ json, headers: { prefer: 'wait=30' } });
    const edit = await stack.ask(
      team,
      'POST',
      '/v1/videos/edits',
      options({ prompt: 'late', video: { id: source } }),
    );
    expect(edit.json).toMatchObject({ status: 'completed', seconds: '4' });
    expect(await newest(stack)).toMatchObject({ operation: 'edit', source_video_id: null });
    const stored = await stack.ask(team, 'GET', `/v1/videos/${source}/content`);
    expect((await newest(stack)).source_file?.bytes).toBe(stored.bytes.length);

    const longer = await stack.ask(
      team,
      'POST',
      '/v1/videos/extensions',
      options({ prompt: 'on', seconds: '4', video: { id: source } }),
    );
    expect(longer.json).toMatchObject({ status: 'completed', seconds: '8' });
    expect((await newest(stack)).source_file?.bytes).toBe(stored.bytes.length);
  });

  test('a remix, which has no file, is refused', async () => {
    const source = await finishedSource();
    await stack.simulator.control('POST', 'forget', {});
    const remix = await stack.ask(team, 'POST', `/v1/videos/${source}/remix`, { json: { prompt: 'late' } });
    expect(remix).toMatchObject({ status: 404, headers: { 'x-should-retry': 'false' } });
  });
});

describe('a character whose answer is lost', () => {
  const make = () =>
    postForm(stack, team, '/v1/videos/characters', [
      text('name', 'Mossy'),
      file('video', randomBytes(1_000)),
    ]);

  test.each(['rst', 'cut', 502])('%s: an SDK is told not to make a second one', async (answer) => {
    await stack.simulator.control('POST', 'rules', {
      match: { operation: 'character' },
      behaviour: { answer },
    });
    expect(await make()).toMatchObject({ status: 503, headers: { 'x-should-retry': 'false' } });
    expect((await truthOf(stack)).totals.characters).toBe(1);
  });

  test('a refusal is passed on', async () => {
    await stack.simulator.control('POST', 'rules', {
      match: { operation: 'character' },
      behaviour: { refuse: 400, refuse_code: 'human_likeness' },
    });
    expect(await make()).toMatchObject({ status: 400, json: { error: { code: 'human_likeness' } } });
  });
});
