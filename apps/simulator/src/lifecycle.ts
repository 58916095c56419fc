import type { Behaviour } from './behaviour.ts';
import type { Video } from './videos-store.ts';

export type Status = 'queued' | 'in_progress' | 'completed' | 'failed' | 'expired';

export interface Moment {
  readonly status: Status;
  readonly progress: number;
  /** Unix milliseconds. */
  readonly completedAtMs: number | null;
  readonly expiresAtMs: number | null;
}

export interface Lifetime {
  readonly renderMs: number;
  readonly expiresSeconds: number;
}

/** Part of the render time that a video spends `queued`. */
const QUEUED_SHARE = 0.1;
const FAILED_PROGRESS = 60;

/** How a video stands at a time: a function of the clock alone, so nothing has to run for it to move on. */
export function momentAt(video: Video, behaviour: Behaviour, lifetime: Lifetime, nowMs: number): Moment {
  const renderMs = behaviour.render_ms ?? lifetime.renderMs;
  const share = renderMs === 0 ? 1 : Math.max(0, (nowMs - video.createdAtMs) / renderMs);
  const running = { completedAtMs: null, expiresAtMs: null };
  if (share < QUEUED_SHARE) return { status: 'queued', progress: 0, ...running };
  if (share < 1 || behaviour.stuck) {
    const progress = Math.min(99, Math.floor(share * 100));
    return { status: 'in_progress', progress, ...running };
  }
  if (behaviour.fail !== undefined) return { status: 'failed', progress: FAILED_PROGRESS, ...running };
  const completedAtMs = video.createdAtMs + renderMs;
  const expiresAtMs = completedAtMs + (behaviour.expires_s ?? lifetime.expiresSeconds) * 1000;
  const status = nowMs >= expiresAtMs ? 'expired' : 'completed';
  return { status, progress: 100, completedAtMs, expiresAtMs };
}

/** The Video object of the API: all thirteen keys, always. */
export function toWire(video: Video, behaviour: Behaviour, moment: Moment) {
  const skew = behaviour.clock_skew_s ?? 0;
  const unix = (ms: number | null) => (ms === null ? null : Math.floor(ms / 1000) + skew);
  const isRunning = moment.status === 'queued' || moment.status === 'in_progress';
  return {
    id: video.id,
    object: 'video' as const,
    model: video.model,
    status: isRunning ? (behaviour.status_word ?? moment.status) : moment.status,
    progress: isRunning && behaviour.progress_noise ? Math.max(0, 99 - moment.progress) : moment.progress,
    created_at: Math.floor(video.createdAtMs / 1000) + skew,
    completed_at: unix(moment.completedAtMs),
    expires_at: behaviour.expires_at_null ? null : unix(moment.expiresAtMs),
    prompt: video.prompt,
    size: video.size,
    seconds: video.seconds,
    remixed_from_video_id: video.operation === 'remix' ? video.sourceId : null,
    error: moment.status === 'failed' ? failure(behaviour) : null,
  };
}

function failure({ fail = 'processing_error', fail_message, fail_details }: Behaviour) {
  if (fail !== 'moderation')
    return { ...fail_details, code: fail, message: fail_message ?? 'The video could not be generated.' };
  return {
    ...fail_details,
    code: 'moderation_blocked',
    message: fail_message ?? 'Your request was blocked by our moderation system.',
  };
}

/** What the upstream bills for a video as of this moment, in millionths of a dollar. */
export function chargedMicroUsd(video: Video, moment: Moment): number {
  const isCharged =
    moment.status === 'completed' ||
    moment.status === 'expired' ||
    (moment.status === 'failed' && video.behaviour.charge_failed === true);
  return isCharged ? microUsdPerSecond(video) * video.billedSeconds : 0;
}

const LARGE = new Set(['1024x1792', '1792x1024']);
const FULL_HD = new Set(['1080x1920', '1920x1080']);

function microUsdPerSecond({ model, size, behaviour }: Video): number {
  if (behaviour.price_micro_usd_per_second !== undefined) return behaviour.price_micro_usd_per_second;
  if (!model.startsWith('sora-2-pro')) return 100_000;
  if (FULL_HD.has(size)) return 700_000;
  return LARGE.has(size) ? 500_000 : 300_000;
}
