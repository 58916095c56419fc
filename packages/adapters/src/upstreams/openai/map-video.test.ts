import { describe, expect, it } from 'vitest';
import { createScrub } from '../scrub.ts';
import { readPage, readVideo } from './map-video.ts';

const NOW = Date.UTC(2026, 10, 20);
const context = { scrub: createScrub({ baseUrl: new URL('https://render.example/v1') }), now: NOW };
const seconds = NOW / 1000;
const read = (body: object) => {
  const video = readVideo({ id: 'video_1', ...body }, context);
  if (!video) throw new Error('There is no video.');
  return video;
};

describe('readVideo', () => {
  it('reads a whole video', () => {
    expect(
      read({
        object: 'video',
        model: 'wan',
        status: 'completed',
        progress: 100,
        created_at: seconds - 60,
        completed_at: seconds - 1,
        expires_at: seconds + 3600,
        size: '1280x720',
        seconds: '8',
        prompt: 'A cat',
        error: null,
      }),
    ).toEqual({
      id: 'video_1',
      state: 'succeeded',
      progress: 100,
      createdAt: new Date(NOW - 60_000),
      completedAt: new Date(NOW - 1_000),
      expiresAt: new Date(NOW + 3_600_000),
      visible: { model: 'wan', seconds: '8', size: '1280x720', prompt: 'A cat' },
    });
  });

  it.each([
    ['queued', 'queued'],
    ['PENDING', 'queued'],
    ['NOT_START', 'queued'],
    ['unknown', 'queued'],
    ['in_progress', 'running'],
    ['processing', 'running'],
    ['completed', 'succeeded'],
    ['succeed', 'succeeded'],
    ['failed', 'failed'],
    ['cancelled', 'failed'],
    ['expired', 'failed'],
    ['requires_action', 'running'],
    ['toString', 'running'],
    ['__proto__', 'running'],
  ])('reads the word %s as %s', (status, state) => {
    expect(read({ status }).state).toBe(state);
  });

  it.each([
    [-5, 0],
    [250, 100],
    [41.9, 41],
    ['50', undefined],
    [null, undefined],
  ])('reads progress %s as %s', (progress, expected) => {
    expect(read({ progress }).progress).toBe(expected);
  });

  it.each([0, -1, 1, 253402300799, 1e300, 'NaN', null, seconds * 1000, {}])(
    'does not believe expires_at %s',
    (expires_at) => {
      const video = read({ expires_at, status: 'completed' });
      expect(video.state).toBe('succeeded');
      expect(video).not.toHaveProperty('expiresAt');
    },
  );

  it.each([undefined, null, 7, '', '.', '..', 'a b', 'a\nb', 'é', 'x'.repeat(1025)])(
    'has no video without a readable id: %j',
    (id) => {
      expect(readVideo({ id, status: 'queued' }, context)).toBeUndefined();
    },
  );

  it.each([null, undefined, 'text', 7, [], [{ id: 'video_1' }]])('has no video in %j', (body) => {
    expect(readVideo(body, context)).toBeUndefined();
  });

  it.each([
    [
      { code: 500, message: 'CUDA out of memory' },
      { code: '500', message: 'CUDA out of memory' },
    ],
    [{ message: 'bad' }, { code: 'upstream_failed', message: 'bad' }],
    ['bad', { code: 'upstream_failed', message: 'bad' }],
    [
      { code: 'moderation_blocked', message: 'at https://render.example/x: render.example said no' },
      { code: 'moderation_blocked', message: 'The upstream could not render this video.' },
    ],
    [null, { code: 'upstream_failed', message: 'The upstream could not render this video.' }],
  ])('reads the failure %j', (error, expected) => {
    expect(read({ status: 'failed', error }).error).toEqual(expected);
  });

  it('passes on what else a failure says', () => {
    const details = {
      type: 'safety_error',
      param: null,
      headers: { 'Retry-After': '30', 'x-openai-inference-capacity-reason': 'busy' },
      misalignment: { error_type: 'other', steer: { message: 'Say it otherwise.' } },
      stage: 3,
      of_tomorrow: ['a', true],
    };
    const error = { code: 'moderation_blocked', message: 'Blocked.', ...details };
    expect(read({ status: 'failed', error }).error?.details).toEqual(details);
  });

  it.each([
    ['a credential', { hint: 'use sk-abcdef123456' }],
    ['its own id of the video', { job: 'task of video_0123456789' }],
    ['the host', { see: 'render.example' }],
    ['the prompt', { prompt: 'A secret product launch' }],
    [
      'the account',
      { headers: { 'openai-organization': 'acme', 'set-cookie': 'a=b', 'X-Request-Id': 'r1' } },
    ],
    ['a whole log', { log: Array.from({ length: 500 }, (_, i) => `line ${i}`) }],
    ['a depth without end', { a: { b: { c: { d: { e: 1 } } } } }],
  ])('keeps %s of a failure to itself', (_, more) => {
    const error = { code: 'x', message: 'No.', ...more };
    const { details } =
      read({ id: 'video_0123456789', status: 'failed', prompt: 'A secret product launch', error }).error ??
      {};
    expect(JSON.stringify(details ?? {})).not.toMatch(/sk-|video_|render|secret|acme|a=b|r1|line|"e"/);
  });

  it('keeps the word of a failure that has no code', () => {
    expect(read({ status: 'cancelled' }).error?.code).toBe('cancelled');
  });

  it('does not repeat the prompt in a failure', () => {
    const prompt = 'A secret product launch';
    const error = { code: 'x', message: `Refused: ${prompt}` };
    expect(read({ status: 'failed', prompt, error }).error?.message).toBe(
      'The upstream could not render this video.',
    );
  });
});

describe('readPage', () => {
  const data = [{ id: 'v2', status: 'queued' }, { id: 'v1' }];

  it('reads a page and where the next begins', () => {
    const page = readPage({ object: 'list', data, has_more: true, last_id: 'v1' }, context);
    expect(page?.videos.map((video) => video.id)).toEqual(['v2', 'v1']);
    expect(page?.next).toBe('v1');
  });

  it.each([
    ['has_more is missing', { data }, 'v1'],
    ['last_id is null', { data, has_more: true, last_id: null }, 'v1'],
    ['has_more is false', { data, has_more: false, last_id: 'v1' }, undefined],
    ['it is empty', { data: [] }, undefined],
  ])('where %s', (_, body, next) => {
    const page = readPage(body, context);
    expect(page?.videos).toHaveLength(body.data.length);
    expect(page?.next).toBe(next);
  });

  it('ends where a server ignores `after`', () => {
    expect(readPage({ data }, { ...context, after: 'v1' })).not.toHaveProperty('next');
  });

  it.each([{ data: [...data, { status: 'queued' }] }, { data: [null] }, { data: {} }, {}, [], null])(
    'is no page: %j',
    (body) => {
      expect(readPage(body, context)).toBeUndefined();
    },
  );
});
