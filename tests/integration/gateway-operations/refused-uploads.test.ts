import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { file, postForm, text } from './forms.ts';
import {
  countVideos,
  environmentFor,
  expectNothingLeft,
  IMAGE_MAX,
  makeSpool,
  removeSpool,
  VIDEO_MAX,
} from './spool.ts';
import { makingRequests } from './truth.ts';

let stack: Stack;
let team: Team;
let spool: string;

beforeAll(async () => {
  spool = await makeSpool();
  stack = await startStack({ env: environmentFor(spool) });
  team = await stack.addTeam();
});
afterAll(async () => {
  await stack.close();
  await removeSpool(spool);
});
beforeEach(() => stack.simulator.control('POST', 'reset'));

const post = (path: string, ...parts: Buffer[]) => postForm(stack, team, path, parts);
const nothingLeft = () => expectNothingLeft(stack, spool);

describe('refused, and nothing is made or left', () => {
  const mp4 = file('video', 'Example data');
  const prompt = text('prompt', 'x');
  const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>';
  const dataUrl = (length: number, type = 'image/png') =>
    `data:${type};base64,${Buffer.alloc(length, 1).toString('base64')}`;
  const url = (value: string) => text('input_reference[image_url]', value);

  test.each<[string, string, Buffer[], number, string | null, string | null]>([
    [
      'an empty picture',
      '/videos',
      [prompt, file('input_reference', '')],
      400,
      'invalid_value',
      'input_reference',
    ],
    ['an empty video', '/videos/edits', [prompt, file('video', '')], 400, 'invalid_value', 'video'],
    [
      'a picture one byte too large',
      '/videos',
      [prompt, file('input_reference', Buffer.alloc(IMAGE_MAX + 1))],
      413,
      'request_too_large',
      null,
    ],
    [
      'a video one byte too large',
      '/videos/edits',
      [prompt, file('video', Buffer.alloc(VIDEO_MAX + 1))],
      413,
      'request_too_large',
      null,
    ],
    [
      'an SVG',
      '/videos',
      [prompt, file('input_reference', svg, 'image/png')],
      400,
      'unsupported_file_mimetype',
      'input_reference',
    ],
    [
      'a page as a video',
      '/videos/extensions',
      [prompt, text('seconds', '4'), file('video', '<!doctype html>')],
      400,
      'unsupported_file_mimetype',
      'video',
    ],
    [
      'a picture twice',
      '/videos',
      [prompt, file('input_reference', 'a'), file('input_reference', 'b')],
      400,
      'duplicate_parameter',
      'input_reference',
    ],
    [
      'a picture and a URL',
      '/videos',
      [prompt, file('input_reference', 'a'), url('https://example.com/')],
      400,
      'duplicate_parameter',
      'input_reference[image_url]',
    ],
    [
      'a video and an id',
      '/videos/edits',
      [prompt, mp4, text('video[id]', 'video_x')],
      400,
      'duplicate_parameter',
      'video[id]',
    ],
    ['a video in a create', '/videos', [prompt, mp4], 400, 'unsupported_parameter', 'video'],
    [
      'a picture in an edit',
      '/videos/edits',
      [prompt, mp4, file('input_reference', 'x')],
      400,
      'unsupported_parameter',
      'input_reference',
    ],
    [
      'a file in a remix',
      `/videos/video_${'0'.repeat(32)}/remix`,
      [prompt, mp4],
      400,
      'unsupported_parameter',
      'video',
    ],
    [
      'a text as picture',
      '/videos',
      [prompt, text('input_reference', 'https://example.com/')],
      400,
      'invalid_type',
      'input_reference',
    ],
    ['a text as video', '/videos/edits', [prompt, text('video', 'video_x')], 400, 'invalid_type', 'video'],
    ['no video', '/videos/edits', [prompt], 400, 'missing_required_parameter', 'video'],
    ['no length to add', '/videos/extensions', [prompt, mp4], 400, 'missing_required_parameter', 'seconds'],
    ['no prompt', '/videos/edits', [mp4], 400, 'missing_required_parameter', 'prompt'],
    [
      'a size for an edit',
      '/videos/edits',
      [prompt, mp4, text('size', '1280x720')],
      400,
      'unsupported_parameter',
      'size',
    ],
    [
      'an unknown model',
      '/videos/edits',
      [prompt, mp4, text('model', 'sora-9')],
      404,
      'model_not_found',
      'model',
    ],
    [
      'a file of nobody',
      '/videos',
      [prompt, text('input_reference[file_id]', 'file_1')],
      404,
      'file_not_found',
      'input_reference',
    ],
    [
      'an address of ours',
      '/videos',
      [prompt, url('http://169.254.169.254/')],
      400,
      'invalid_image_url',
      'input_reference',
    ],
    [
      'a data URL of text',
      '/videos',
      [prompt, url(dataUrl(9, 'text/html'))],
      400,
      'invalid_image_url',
      'input_reference',
    ],
    [
      'a data URL of SVG',
      '/videos',
      [prompt, url(dataUrl(9, 'image/svg+xml'))],
      400,
      'unsupported_file_mimetype',
      'input_reference',
    ],
    [
      'a data URL too large',
      '/videos',
      [prompt, url(dataUrl(IMAGE_MAX + 1))],
      413,
      'request_too_large',
      null,
    ],
    [
      'a data URL that is none',
      '/videos',
      [prompt, url('data:image/png;base64,!')],
      400,
      'invalid_image_url',
      'input_reference',
    ],
    ['a character without a name', '/videos/characters', [mp4], 400, 'missing_required_parameter', 'name'],
    [
      'a character with a long name',
      '/videos/characters',
      [mp4, text('name', 'n'.repeat(81))],
      400,
      'string_above_max_length',
      'name',
    ],
    [
      'a character without a video',
      '/videos/characters',
      [text('name', 'Mossy')],
      400,
      'missing_required_parameter',
      'video',
    ],
    [
      'a character by id',
      '/videos/characters',
      [text('name', 'Mossy'), text('video[id]', 'video_x')],
      400,
      'invalid_type',
      'video',
    ],
    [
      'labels of a character',
      '/videos/characters',
      [mp4, text('name', 'M'), text('metadata[a]', 'b')],
      400,
      'unsupported_parameter',
      'metadata',
    ],
  ])('%s', async (_, path, parts, status, code, param) => {
    const before = await countVideos(stack, team.teamId);
    expect(await post(`/v1${path}`, ...parts)).toMatchObject({ status, json: { error: { code, param } } });
    expect([(await countVideos(stack, team.teamId)) - before, await makingRequests(stack)]).toEqual([0, 0]);
    await nothingLeft();
  });

  test.each([
    [
      'a data URL too large',
      { input_reference: { image_url: dataUrl(IMAGE_MAX + 1) } },
      413,
      'request_too_large',
    ],
    [
      'a data URL that is none',
      { input_reference: { image_url: 'data:image/png;base64,!' } },
      400,
      'invalid_image_url',
    ],
    ['a data URL elsewhere', { other: { image_url: dataUrl(10) } }, 400, 'invalid_image_url'],
    [
      'two of them',
      { input_reference: { image_url: dataUrl(10) }, x: { image_url: dataUrl(10) } },
      400,
      'duplicate_parameter',
    ],
    [
      'a large body beside it',
      { input_reference: { image_url: dataUrl(10) }, pad: 'p'.repeat(300_000) },
      413,
      'request_too_large',
    ],
  ])('JSON: %s', async (_, fields, status, code) => {
    const answer = await stack.ask(team, 'POST', '/v1/videos', { json: { prompt: 'x', ...fields } });
    expect(answer).toMatchObject({ status, json: { error: { code } } });
    expect(await makingRequests(stack)).toBe(0);
    await nothingLeft();
  });

  test('JSON with an unfinished data URL', async () => {
    const answer = await stack.ask(team, 'POST', '/v1/videos', {
      body: '{"prompt":"x","input_reference":{"image_url":"data:image/png;base64,AAAA',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'invalid_json' } } });
    await nothingLeft();
  });

  test('a character as JSON', async () => {
    const answer = await stack.ask(team, 'POST', '/v1/videos/characters', { json: { name: 'Mossy' } });
    expect(answer).toMatchObject({ status: 415 });
  });
});
