import { videoSchema } from '@reelgate/contract';
import { setQuota } from '@reelgate/core';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { costQuota, type Stack, startStack, type Team } from './gateway-process.ts';

const COST = 400_000n;
let stack: Stack;
let team: Team;

beforeAll(async () => {
  stack = await startStack({ env: { INLINE_SUBMIT_WAIT: '2s' } });
});
afterAll(() => stack.close());
beforeEach(async () => {
  await stack.simulator.control('POST', 'reset');
  team = await stack.addTeam(COST * 10n);
});

const creates = async () => (await stack.simulator.truth()).totals.creates;
async function countVideos(): Promise<number> {
  const { rows } = await stack.database.db.$client.query(
    'select count(*)::int from videos where team_id = $1',
    [team.teamId],
  );
  return rows[0].count;
}

describe('JSON', () => {
  test('the answer is a whole Video, and so is the look at it', async () => {
    const created = await stack.create(team, { seconds: '8', size: '1280x720', seed: 7 });
    expect(created.status).toBe(200);
    expect(videoSchema.parse(created.json)).toEqual(created.json);
    expect(created.json).toMatchObject({
      status: 'queued',
      seconds: '8',
      size: '1280x720',
      prompt: 'a kite',
      model: 'sora-2',
    });
    expect(created.json.id).toMatch(/^video_[0-9a-f]{32}$/);
    expect(created.headers).toMatchObject({
      'content-type': 'application/json',
      'openai-version': '2020-10-01',
      'openai-organization': team.teamId,
      'x-content-type-options': 'nosniff',
    });
    expect(created.headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/);
    expect(Number(created.headers['openai-processing-ms'])).toBeGreaterThanOrEqual(0);
    const got = await stack.ask(team, 'GET', `/v1/videos/${created.json.id}`);
    expect(got.json).toEqual(created.json);
    expect(Number(got.headers['openai-poll-after-ms'])).toBeGreaterThanOrEqual(1_000);
    const { rows } = await stack.database.db.$client.query('select params from videos where id = $1', [
      created.json.id,
    ]);
    expect(rows[0].params).toEqual({ seed: 7 });
  });

  test.each([
    [
      'not JSON',
      { body: '{"prompt":', headers: { 'content-type': 'application/json' } },
      400,
      'invalid_json',
    ],
    ['no body', { headers: { 'content-type': 'application/json' } }, 400, 'invalid_json'],
    ['a list', { json: [] }, 400, 'invalid_json'],
    ['no type', { body: '{"prompt":"x"}' }, 415, 'unsupported_content_type'],
    [
      'another type',
      { body: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_content_type',
    ],
    [
      'compressed',
      { body: 'x', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } },
      415,
      'unsupported_content_type',
    ],
    ['too large', { json: { prompt: 'x', pad: 'p'.repeat(300_000) } }, 413, 'request_too_large'],
    ['no prompt', { json: {} }, 400, 'missing_required_parameter'],
    ['seconds as a number', { json: { prompt: 'x', seconds: 4 } }, 400, 'invalid_type'],
    ['seconds that the model has not', { json: { prompt: 'x', seconds: '5' } }, 400, 'invalid_value'],
    ['a size that the model has not', { json: { prompt: 'x', size: '1920x1080' } }, 400, 'invalid_value'],
    ['an unknown model', { json: { prompt: 'x', model: 'sora-9' } }, 404, 'model_not_found'],
    ['a file of nobody', { json: { prompt: 'x', input_reference: { file_id: 'f' } } }, 404, 'file_not_found'],
    [
      'a property of the prototype as model',
      { json: { prompt: 'x', model: 'constructor' } },
      404,
      'model_not_found',
    ],
  ])('%s: nothing is made', async (_, options, status, code) => {
    const answer = await stack.ask(team, 'POST', '/v1/videos', options);
    expect(answer).toMatchObject({ status, json: { error: { type: 'invalid_request_error', code } } });
    expect(Object.keys(answer.json.error)).toEqual(['message', 'type', 'param', 'code']);
    expect([await countVideos(), await creates()]).toEqual([0, 0]);
  });
});

describe('forms', () => {
  const post = (body: string | Buffer, boundary = 'B') =>
    stack.ask(team, 'POST', '/v1/videos', {
      body,
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    });

  test('the official SDK', async () => {
    const openai = new OpenAI({ apiKey: team.secret, baseURL: `${stack.gateway.origin}/v1`, maxRetries: 0 });
    const video = await openai.videos.create({
      prompt: 'ein Löwe 🦁\r\nam Meer',
      seconds: '8',
      size: '1280x720',
    });
    expect(video).toMatchObject({ prompt: 'ein Löwe 🦁\r\nam Meer', seconds: '8', size: '1280x720' });
    await expect(openai.videos.create({ prompt: '' })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_value',
      param: 'prompt',
      requestID: expect.stringMatching(/^req_/),
    });
    expect([await countVideos(), await creates()]).toEqual([1, 1]);
  });

  test('Java: text parts with a charset', async () => {
    const text = 'Content-Type: text/plain; charset=utf-8\r\nContent-Length: 1';
    const part = (name: string, value: string) =>
      `--B\r\nContent-Disposition: form-data; name="${name}"\r\n${text}\r\n\r\n${value}\r\n`;
    const answer = await post(
      `${part('prompt', 'x')}${part('model', 'sora-2')}${part('seconds', '4')}--B--\r\n`,
    );
    expect(answer).toMatchObject({ status: 200, json: { prompt: 'x', seconds: '4' } });
  });

  test.each([
    [
      'a video without a file name, which a create does not take',
      'name="video"',
      400,
      'unsupported_parameter',
    ],
    ['a video that comes first', 'name="video"; filename="anonymous_file"', 400, 'unsupported_parameter'],
    [
      'Java: a nested id typed octet-stream is text',
      'name="input_reference[file_id]"',
      404,
      'file_not_found',
    ],
  ])('%s: refused before anything is made', async (_, disposition, status, code) => {
    const answer = await post(
      `--B\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: application/octet-stream\r\n\r\nbytes\r\n` +
        '--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nx\r\n--B--\r\n',
    );
    expect(answer).toMatchObject({ status, json: { error: { code } } });
    expect([await countVideos(), await creates()]).toEqual([0, 0]);
  });

  test('Go: a JSON body under a form type', async () => {
    expect(await post('{"prompt":"x"}')).toMatchObject({
      status: 400,
      json: { error: { code: 'invalid_form' } },
    });
  });

  test('32,000 characters of three bytes', async () => {
    const prompt = '漢'.repeat(32_000);
    const answer = await post(
      `--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n${prompt}\r\n--B--\r\n`,
    );
    expect(answer.status).toBe(200);
    expect(answer.json.prompt).toBe(prompt);
  });
});

describe('quota', () => {
  test('24 creates at once against room for 10: exactly 10 are made and sent', async () => {
    const answers = await Promise.all(Array.from({ length: 24 }, () => stack.create(team)));
    const refused = answers.filter((answer) => answer.status !== 200);
    expect([answers.length - refused.length, await countVideos(), await creates()]).toEqual([10, 10, 10]);
    for (const answer of refused) {
      expect(answer).toMatchObject({
        status: 429,
        headers: { 'x-should-retry': 'false' },
        json: { error: { type: 'insufficient_quota', code: 'insufficient_quota', param: null } },
      });
    }
  });

  test('a video larger than the whole quota is a bad request', async () => {
    const poor = await stack.addTeam(COST - 1n);
    expect(await stack.create(poor)).toMatchObject({
      status: 400,
      json: { error: { code: 'video_exceeds_quota', type: 'invalid_request_error' } },
    });
  });

  test('too many at once: worth trying again', async () => {
    await setQuota(stack.database, {
      scopeKind: 'key',
      scopeId: team.keyId,
      metric: 'concurrent',
      window: 'none',
      hard: 1n,
    });
    await stack.create(team);
    const second = await stack.create(team);
    expect(second).toMatchObject({
      status: 429,
      headers: { 'retry-after': '5', 'retry-after-ms': '5000' },
      json: { error: { type: 'requests', code: 'rate_limit_exceeded' } },
    });
    expect(second.headers['x-should-retry']).toBeUndefined();
  });
});

describe('an upstream that', () => {
  const rule = (prompt: string) => stack.create(team, { prompt });

  test('refuses: its own code and type, no retry, nothing to be seen and nothing spent', async () => {
    const answer = await rule(
      '[[sim refuse=400 refuse_code=content_policy_violation refuse_type=video_generation_user_error]]',
    );
    expect(answer).toMatchObject({
      status: 400,
      headers: { 'x-should-retry': 'false' },
      json: { error: { type: 'video_generation_user_error', code: 'content_policy_violation' } },
    });
    expect((await stack.ask(team, 'GET', '/v1/videos')).json.data).toEqual([]);
    const { rows } = await stack.database.db.$client.query(
      'select b.reserved::int, b.settled::int from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1',
      [team.teamId],
    );
    expect(rows).toEqual([{ reserved: 0, settled: 0 }]);
  });

  test.each(['rst', 'cut', '500'])(
    'answers %s: the caller gets a queued video, and one create was sent',
    async (how) => {
      const answer = await rule(`[[sim answer=${how}]]`);
      expect(answer).toMatchObject({ status: 200, json: { status: 'queued' } });
      expect(await countVideos()).toBe(1);
      expect(await creates()).toBe(1);
    },
  );

  test('is slow: the caller gets its queued video after the wait', async () => {
    const startedAt = performance.now();
    const answer = await rule('[[sim delay_ms=4000]]');
    expect(answer).toMatchObject({ status: 200, json: { status: 'queued' } });
    expect(performance.now() - startedAt).toBeLessThan(3_900);
    await vi.waitUntil(
      async () =>
        (await stack.database.db.$client.query('select state from videos where id = $1', [answer.json.id]))
          .rows[0].state === 'rendering',
      { timeout: 10_000, interval: 50 },
    );
    expect(await creates()).toBe(1);
  });

  test('is slow while the gateway stops: its answer is recorded before the process ends', async () => {
    const other = await stack.startGateway({ INLINE_SUBMIT_WAIT: '200ms' });
    const answer = await stack.ask(team, 'POST', '/v1/videos', {
      json: { prompt: 'slow [[sim delay_ms=1500]]' },
      origin: other.origin,
    });
    expect(answer.status).toBe(200);
    const state = async () =>
      (await stack.database.db.$client.query('select state from videos where id = $1', [answer.json.id]))
        .rows[0].state;
    expect(await state()).toBe('submitting');
    expect(await other.stop()).toBe(0);
    expect(await state()).toBe('rendering');
  });

  test('is slow while the gateway stops and the caller still waits: the caller is answered', async () => {
    const other = await stack.startGateway();
    const asking = stack.ask(team, 'POST', '/v1/videos', {
      json: { prompt: 'slow [[sim delay_ms=1000]]' },
      origin: other.origin,
    });
    await vi.waitUntil(async () => (await countVideos()) === 1, { timeout: 5_000, interval: 20 });
    const stopping = other.stop();
    const answer = await asking;
    expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect(await stopping).toBe(0);
  });
});

test('a limit that is raised counts at once', async () => {
  const poor = await stack.addTeam(COST);
  expect((await stack.create(poor)).status).toBe(200);
  expect((await stack.create(poor)).status).toBe(429);
  await setQuota(stack.database, costQuota(poor.teamId, COST * 2n));
  expect((await stack.create(poor)).status).toBe(200);
});
