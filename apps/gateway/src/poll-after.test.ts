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
  expiresAt: null,
  prompt: 'p',
  size: '720x1280',
  seconds: 4,
  parentId: null,
  metadata: {},
  errorCode: null,
  errorMessage: null,
  errorDetails: null,
  ...more,
});
const ago = (ms: number) => new Date(now - ms);

const running = (ageMs: number, progress: number) =>
  video({ createdAt: ago(ageMs), startedAt: ago(ageMs), progress });

test.each([
  ['just created, and queued', video({ state: 'submitting' }), 5_000],
  ['begun, with no progress yet', video({ startedAt: ago(100) }), 5_000],
  ['half through after 30 s', running(30_000, 50), 3_000],
  ['nearly through', running(60_000, 98), 1_000],
  ['a tenth through after 5 min', running(300_000, 10), 5_000],
  ['a clock that is behind', running(-5_000, 10), 1_000],
  ['a start noticed just now', { ...running(10_000, 25), startedAt: ago(50) }, 3_000],
])('%s', (_what, seen, expected) => {
  expect(pollAfterMs(seen, now)).toBe(expected);
});

test.each(['stored', 'partly_stored', 'failed', 'content_lost'] as const)('%s has ended', (state) => {
  expect(pollAfterMs(video({ state }), now)).toBeNull();
});
