import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type ContractChecker,
  ContractViolation,
  createContractChecker,
  type Exchange,
} from '../../contract-checker/contract-checker.ts';
import { nestedFields } from '../../contract-checker/nested-fields.ts';
import { type Answer, startDescribedGateway } from './described-gateway.ts';
import { ORIGINAL_ANSWERS } from './exchanges.ts';

const [video] = ORIGINAL_ANSWERS.VideoResource;
const [refusal] = ORIGINAL_ANSWERS.ErrorResponse;
const jsonHeaders = { 'content-type': 'application/json', 'x-request-id': 'req_1' };
const json = (body: unknown, status = 200): Answer => ({
  status,
  headers: jsonHeaders,
  body: JSON.stringify(body),
});

let answer: Answer;
let gateway: Awaited<ReturnType<typeof startDescribedGateway>>;
let checker: ContractChecker;

beforeAll(async () => {
  gateway = await startDescribedGateway(() => answer);
  checker = await createContractChecker({
    yamlPath: new URL('openai-videos.openapi.yaml', import.meta.url),
    openapiUrl: `${gateway.url}/openapi.json`,
  });
});
afterAll(() => gateway.close());
beforeEach(() => {
  answer = json(video);
});

describe('one exchange', () => {
  const good: Exchange = {
    method: 'POST',
    url: 'http://gateway/v1/videos',
    requestHeaders: new Headers({ 'content-type': 'application/json' }),
    requestBody: JSON.stringify({ prompt: 'x', seconds: '16', size: '1920x1080' }),
    status: 200,
    headers: new Headers(jsonHeaders),
    responseBody: video,
  };
  const file = new Headers({
    'x-request-id': 'r',
    'content-type': 'image/jpeg',
    etag: '"1"',
    'accept-ranges': 'bytes',
  });
  const content: Exchange = {
    method: 'GET',
    url: 'http://gateway/v1/videos/video_1/content?variant=spritesheet',
    status: 200,
    headers: file,
  };
  const get = (url: string, rest: Partial<Exchange> = {}): Exchange => ({
    method: 'GET',
    url: `http://gateway${url}`,
    status: 200,
    headers: new Headers(jsonHeaders),
    ...rest,
  });
  const list = { object: 'list', data: [video], first_id: video.id, last_id: video.id, has_more: false };

  test.each<[string, Exchange]>([
    ['a create', good],
    ['under the name of Azure', { ...good, url: 'http://gateway/openai/v1/videos' }],
    ['a refusal of what is wrong', { ...good, requestBody: '{}', status: 400, responseBody: refusal }],
    ['a list', get('/v1/videos?limit=3&order=asc&metadata[a]=b', { responseBody: list })],
    ['a spritesheet', content],
    ['a range', { ...content, status: 206 }],
    [
      'nothing new',
      { ...content, status: 304, headers: new Headers({ ...Object.fromEntries(file), 'content-type': '' }) },
    ],
    ['HEAD', { ...content, method: 'HEAD' }],
    ['an unknown path', get('/v1/unknown', { status: 404, responseBody: refusal })],
    ['a method that a path does not have', { ...good, method: 'PUT', status: 405, responseBody: refusal }],
  ])('%s is as described', (_, exchange) => {
    expect(() => checker.check(exchange)).not.toThrow();
  });

  const { error: _, ...withoutError } = video;
  test.each<[string, Exchange, RegExp]>([
    [
      'a key less',
      { ...good, responseBody: withoutError },
      /our document: the body .*'error'[\s\S]*the original: the body .*'error'/,
    ],
    [
      'a number for a string',
      { ...good, responseBody: { ...video, seconds: 4 } },
      /\/seconds must be string/,
    ],
    [
      'a fifth status',
      { ...good, responseBody: { ...video, status: 'expired' } },
      /the original: the body \/status/,
    ],
    [
      'a key that nobody promised',
      { ...good, responseBody: { ...video, team_id: 't' } },
      /our document: the body .*additional properties/,
    ],
    ['no body', { ...good, responseBody: undefined }, /the body/],
    [
      'another status',
      { ...good, status: 201 },
      /our document: the status 201 is not described[\s\S]*the original: the status 201/,
    ],
    ['409', { ...good, status: 409, responseBody: refusal }, /the status 409 is not described/],
    ['another envelope', { ...good, status: 400, responseBody: { message: 'no' } }, /the body .*'error'/],
    [
      'no request id',
      { ...good, headers: new Headers({ 'content-type': 'application/json' }) },
      /the header 'x-request-id' is absent/,
    ],
    [
      'a date for seconds',
      {
        ...good,
        status: 429,
        responseBody: refusal,
        headers: new Headers({ ...jsonHeaders, 'retry-after': 'soon' }),
      },
      /the header 'retry-after'/,
    ],
    [
      'a request that should have been refused',
      { ...good, requestBody: '{"prompt":"x","seconds":4}' },
      /the request body \/seconds/,
    ],
    [
      'a request of another type',
      { ...good, requestHeaders: new Headers({ 'content-type': 'text/plain' }) },
      /a request body of type 'text\/plain' is not described/,
    ],
    [
      'a limit that should have been refused',
      get('/v1/videos?limit=101', { responseBody: list }),
      /the query parameter 'limit'/,
    ],
    [
      'a broken item of a page',
      get('/v1/videos', { responseBody: { ...list, data: [withoutError] } }),
      /\/data\/0/,
    ],
    [
      'a page of HTML',
      { ...good, headers: new Headers({ ...jsonHeaders, 'content-type': 'text/html' }) },
      /an answer of type 'text\/html' is not described/,
    ],
    [
      'a file that is text',
      { ...content, headers: new Headers({ ...Object.fromEntries(file), 'content-type': 'text/plain' }) },
      /an answer of type 'text\/plain'/,
    ],
    [
      'a success that nobody describes',
      get('/v1/unknown', { responseBody: {} }),
      /this operation is not described/,
    ],
    [
      'an unknown path without the envelope',
      get('/v1/unknown', { status: 404, responseBody: 'Not Found' }),
      /the error/,
    ],
  ])('%s is not', (_, exchange, message) => {
    expect(() => checker.check(exchange)).toThrow(ContractViolation);
    expect(() => checker.check(exchange)).toThrow(message);
  });
});

describe("the SDK's own fetch", () => {
  const client = () =>
    new OpenAI({ apiKey: 'k', baseURL: `${gateway.url}/v1`, maxRetries: 0, fetch: checker.checkedFetch() });

  test('passes on what is as described, unchanged', async () => {
    expect(await client().videos.create({ prompt: 'x', model: 'sora-2' })).toMatchObject({ id: video.id });
    const upload = new File(['bytes'], 'frame.png', { type: 'image/png' });
    await client().videos.create({ prompt: 'x', input_reference: upload });
    await client().videos.edit({ prompt: 'x', video: { id: video.id } });
    await client().videos.remix(video.id, { prompt: 'x' });
    expect(gateway.asked.slice(-4).map(({ headers }) => headers.get('content-type')?.split(';')[0])).toEqual([
      'multipart/form-data',
      'multipart/form-data',
      'multipart/form-data',
      'application/json',
    ]);
    expect(gateway.asked.at(-3)?.body.toString()).toContain('filename="frame.png"');
    answer = {
      status: 200,
      headers: { 'x-request-id': 'r', 'content-type': 'video/mp4', etag: '"1"', 'accept-ranges': 'bytes' },
      body: 'bytes',
    };
    expect(await (await client().videos.downloadContent(video.id)).text()).toBe('bytes');
  });

  test('leaves a refusal to the SDK', async () => {
    answer = json(refusal, 404);
    await expect(client().videos.retrieve(video.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test('fails where the answer is not as described', async () => {
    answer = json({ ...video, progress: '100' });
    await expect(client().videos.retrieve(video.id)).rejects.toMatchObject({
      cause: expect.objectContaining({
        name: 'ContractViolation',
        message: expect.stringContaining('/progress'),
      }),
    });
  });

  test('fails where a form was taken that should not have been', async () => {
    await expect(
      client().videos.extend({ prompt: '', seconds: '4', video: { id: 'v' } }),
    ).rejects.toMatchObject({
      cause: expect.objectContaining({ message: expect.stringContaining('/prompt') }),
    });
  });
});

test('nested fields, as forms and queries spell them', () => {
  const entries: [string, string][] = [
    ['prompt', 'x'],
    ['video[id]', 'v'],
    ['characters[][id]', 'a'],
    ['characters[][id]', 'b'],
    ['tags[]', 'one'],
    ['tags[]', 'two'],
  ];
  expect(nestedFields(entries)).toEqual({
    prompt: 'x',
    video: { id: 'v' },
    characters: [{ id: 'a' }, { id: 'b' }],
    tags: ['one', 'two'],
  });
  expect(() => nestedFields([...entries, ['prompt', 'y']])).toThrow("'prompt' comes twice");
});
