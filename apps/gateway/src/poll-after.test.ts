import type { VideoView } from '@reelgate/core';
import { expect, test } from 'vitest';
import { pollAfterMs } from './poll-after.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const video = (more: Partial<VideoView>): VideoView => ({
  id: 'video_1',
  operation: 'create',
  model: 'sora-2',
  state: 'rendering',
  progress: 0,
  startedAt: null,
  createdAt: new Date(now),
  completedAt: null,
  prompt: 'p',
  size: '720x1280',
  seconds: 4,
  parentId: null,
  metadata: {},
  errorCode: null,
  errorMessage: null,
  ...more,
});
const startedAgo = (ms: number) => new Date(now - ms);

test.each([
  ['just created, and queued', video({ state: 'submitting' }), 5_000],
  ['begun, with no progress yet', video({ startedAt: startedAgo(100) }), 5_000],
  ['half through after 30 s', video({ startedAt: startedAgo(30_000), progress: 50 }), 3_000],
  ['nearly through', video({ startedAt: startedAgo(60_000), progress: 98 }), 1_000],
  ['a tenth through after 5 min', video({ startedAt: startedAgo(300_000), progress: 10 }), 5_000],
  ['a clock that is behind', video({ startedAt: startedAgo(-5_000), progress: 10 }), 1_000],
])('%s', (_what, seen, expected) => {
  expect(pollAfterMs(seen, now)).toBe(expected);
});

test.each(['stored', 'partly_stored', 'failed', 'content_lost'] as const)('%s has ended', (state) => {
  expect(pollAfterMs(video({ state }), now)).toBeNull();
});
