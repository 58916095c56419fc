import { expect, it } from 'vitest';
import type { Behaviour } from './behaviour.ts';
import { chargedMicroUsd, momentAt, toWire } from './lifecycle.ts';
import { orderCreate } from './orders.ts';
import { createVideosStore } from './videos-store.ts';

const START = 1_800_000_000_000;
const lifetime = { renderMs: 10_000, expiresSeconds: 60 };

function createVideo(behaviour: Behaviour = {}, changes: { model?: string; size?: string } = {}) {
  const request = {
    prompt: 'x',
    model: 'sora-2',
    seconds: '8',
    size: '1280x720',
    inputReference: null,
    characterIds: [],
    ...changes,
  };
  return createVideosStore().add(orderCreate(request), behaviour, START);
}

function wireAt(seconds: number, behaviour: Behaviour = {}) {
  const video = createVideo(behaviour);
  return toWire(video, behaviour, momentAt(video, behaviour, lifetime, START + seconds * 1000));
}

it('goes from queued over in_progress to completed, and expires', () => {
  expect(wireAt(0)).toMatchObject({ status: 'queued', progress: 0, completed_at: null, expires_at: null });
  expect(wireAt(5)).toMatchObject({
    status: 'in_progress',
    progress: 50,
    completed_at: null,
    expires_at: null,
  });
  const completed = START / 1000 + 10;
  const done = { status: 'completed', progress: 100, completed_at: completed, expires_at: completed + 60 };
  expect(wireAt(10)).toMatchObject(done);
  expect(wireAt(69.999)).toMatchObject(done);
  expect(momentAt(createVideo(), {}, lifetime, START + 70_000).status).toBe('expired');
});

it('always has the thirteen keys', () => {
  const keys = ['id', 'object', 'model', 'status', 'progress', 'created_at', 'completed_at', 'expires_at'];
  keys.push('prompt', 'size', 'seconds', 'remixed_from_video_id', 'error');
  for (const seconds of [0, 5, 10]) expect(Object.keys(wireAt(seconds))).toEqual(keys);
});

it('fails late, sticks, goes backwards and speaks oddly on command', () => {
  expect(wireAt(9, { fail: 'moderation' })).toMatchObject({ status: 'in_progress', error: null });
  expect(wireAt(10, { fail: 'moderation' })).toMatchObject({
    status: 'failed',
    completed_at: null,
    error: { code: 'moderation_blocked' },
  });
  expect(wireAt(1e6, { stuck: true })).toMatchObject({ status: 'in_progress', progress: 99 });
  const noisy = { progress_noise: true };
  expect(wireAt(8, noisy).progress).toBeLessThan(wireAt(2, noisy).progress);
  expect(wireAt(5, { status_word: 'processing' }).status).toBe('processing');
  expect(wireAt(10, { status_word: 'processing' }).status).toBe('completed');
  expect(wireAt(10, { expires_at_null: true }).expires_at).toBeNull();
  expect(wireAt(0, { clock_skew_s: -7 }).created_at).toBe(START / 1000 - 7);
});

it.each([
  ['sora-2', '1280x720', 800_000],
  ['sora-2-pro', '720x1280', 2_400_000],
  ['sora-2-pro', '1792x1024', 4_000_000],
  ['sora-2-pro-2025-10-06', '1080x1920', 5_600_000],
])('charges eight seconds of %s at %s when they are completed', (model, size, microUsd) => {
  const video = createVideo({}, { model, size });
  const charged = (seconds: number) =>
    chargedMicroUsd(video, momentAt(video, {}, lifetime, START + seconds * 1000));
  expect(charged(9.9)).toBe(0);
  expect(charged(10)).toBe(microUsd);
  expect(charged(1e6)).toBe(microUsd);
});

it('charges a failure only on command', () => {
  for (const [behaviour, microUsd] of [
    [{ fail: 'x' }, 0],
    [{ fail: 'x', charge_failed: true, price_micro_usd_per_second: 5 }, 40],
  ] as const) {
    const video = createVideo(behaviour);
    expect(chargedMicroUsd(video, momentAt(video, behaviour, lifetime, START + 10_000))).toBe(microUsd);
  }
});
