import { videoListSchema, videoSchema } from '@reelgate/contract';
import { VIDEO_STATES, type VideoView } from '@reelgate/core';
import { describe, expect, test } from 'vitest';
import { serializePage, serializeVideo } from './serialize.ts';

const view: VideoView = {
  id: `video_${'a'.repeat(32)}`,
  operation: 'create',
  model: 'sora-2',
  state: 'submitting',
  progress: 0,
  startedAt: null,
  createdAt: new Date('2026-11-24T00:00:00.900Z'),
  completedAt: null,
  expiresAt: null,
  prompt: 'a kite',
  size: '720x1280',
  seconds: 8,
  parentId: null,
  metadata: {},
  errorCode: null,
  errorMessage: null,
  errorDetails: null,
};

describe('serializeVideo', () => {
  test.each(VIDEO_STATES)('%s: all 13 keys, of the right types', (state) => {
    const video = serializeVideo({ ...view, state });
    expect(Object.keys(video)).toHaveLength(13);
    expect(videoSchema.parse(video)).toEqual(video);
  });

  test('a fresh one', () => {
    expect(serializeVideo(view)).toEqual({
      id: view.id,
      object: 'video',
      model: 'sora-2',
      status: 'queued',
      progress: 0,
      created_at: 1_795_478_400,
      completed_at: null,
      expires_at: null,
      prompt: 'a kite',
      size: '720x1280',
      seconds: '8',
      remixed_from_video_id: null,
      error: null,
    });
  });

  test('is not completed before it is stored, whatever the upstream says', () => {
    const rendered = { ...view, completedAt: new Date(), progress: 100, startedAt: view.createdAt };
    expect(serializeVideo({ ...rendered, state: 'archiving' })).toMatchObject({
      status: 'in_progress',
      progress: 99,
      completed_at: null,
    });
    expect(serializeVideo({ ...rendered, state: 'stored' })).toMatchObject({
      status: 'completed',
      progress: 100,
      completed_at: Math.floor(rendered.completedAt.getTime() / 1000),
    });
  });

  test('an error only where it failed', () => {
    const error = { errorCode: 'moderation_blocked', errorMessage: 'Blocked.' };
    expect(serializeVideo({ ...view, ...error, state: 'failed' }).error).toEqual({
      code: 'moderation_blocked',
      message: 'Blocked.',
    });
    expect(serializeVideo({ ...view, ...error }).error).toBeNull();
    expect(serializeVideo({ ...view, state: 'content_lost' }).error?.code).toBe('processing_error');
  });

  test('what else its upstream said of a failure, which overrides nothing', () => {
    const errorDetails = {
      type: 'safety_error',
      param: null,
      headers: { 'Retry-After': '30' },
      code: 'other',
    };
    const failed = { errorCode: 'moderation_blocked', errorMessage: 'Blocked.', errorDetails };
    const video = serializeVideo({ ...view, ...failed, state: 'failed' });
    expect(video.error).toEqual({ ...errorDetails, code: 'moderation_blocked', message: 'Blocked.' });
    expect(videoSchema.parse(video)).toEqual(video);
  });

  test('the end of its retention, once it is completed', () => {
    const stored = { ...view, completedAt: new Date(), expiresAt: new Date('2026-12-24T00:00:00.900Z') };
    expect(serializeVideo({ ...stored, state: 'stored' }).expires_at).toBe(1_798_070_400);
    expect(serializeVideo({ ...stored, state: 'archiving' }).expires_at).toBeNull();
  });

  test('names the source of a remix alone', () => {
    expect(serializeVideo({ ...view, operation: 'remix', parentId: 'video_p' }).remixed_from_video_id).toBe(
      'video_p',
    );
    expect(
      serializeVideo({ ...view, operation: 'edit', parentId: 'video_p' }).remixed_from_video_id,
    ).toBeNull();
  });
});

test('the page after the last has no data and no ids', () => {
  const page = serializePage({ videos: [], hasMore: false });
  expect(page).toEqual({ object: 'list', data: [], first_id: null, last_id: null, has_more: false });
  expect(videoListSchema.parse(page)).toEqual(page);
});
