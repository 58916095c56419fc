import type { ListResult, PollResult, UpstreamHandle } from '@reelgate/core/ports';
import { request } from 'undici';
import { readJson } from '../read-json.ts';
import { type Answer, failureCode, retryAfter } from './classify.ts';
import { hasStatus, readPage, readVideo } from './map-video.ts';
import { VIDEO_MAX_BYTES } from './submit.ts';
import type { Target } from './target.ts';

const PAGE_SIZE = 100;
const PAGE_MAX_BYTES = 16 * 1024 * 1024;
const MAX_POLL_AFTER_MS = 3_600_000;

/**
 * Looks at one video. The body decides, not the status: some servers answer a failed job with an error status and the video
 * as its body. Only the id that was asked for counts.
 */
export async function poll(
  target: Target,
  handle: UpstreamHandle,
  signal: AbortSignal | undefined,
): Promise<PollResult> {
  const url = target.url(`/videos/${encodeURIComponent(handle.id)}`);
  const answer = await getJson(target, url, signal, VIDEO_MAX_BYTES);
  if ('failure' in answer) return { kind: 'unavailable', reason: answer.failure };

  const now = Date.now();
  const { value, problem } = answer.body;
  const video = hasStatus(value) ? readVideo(value, { scrub: target.scrub, now }) : undefined;
  if (video?.id === handle.id) {
    const pollAfterMs = Number(answer.headers['openai-poll-after-ms']);
    const told = Number.isInteger(pollAfterMs) && pollAfterMs > 0 && pollAfterMs <= MAX_POLL_AFTER_MS;
    return { kind: 'seen', video, ...(told && { pollAfterMs }) };
  }
  const { status } = answer;
  if (status === 404 || status === 410) return { kind: 'missing' };
  const reason = isSuccess(status)
    ? video
      ? 'answer_of_another_video'
      : (problem ?? 'answer_without_video')
    : `http_${status}`;
  return { kind: 'unavailable', reason, ...retryAfter(answer, now) };
}

export async function list(
  target: Target,
  options: { readonly after?: string; readonly signal?: AbortSignal },
): Promise<ListResult> {
  const { after, signal } = options;
  const url = target.url('/videos', {
    limit: String(PAGE_SIZE),
    order: 'desc',
    ...(after !== undefined && { after }),
  });
  const answer = await getJson(target, url, signal, PAGE_MAX_BYTES);
  if ('failure' in answer) return { kind: 'unavailable', reason: answer.failure };
  if (!isSuccess(answer.status)) return { kind: 'unavailable', reason: `http_${answer.status}` };
  const page = readPage(answer.body.value, { scrub: target.scrub, now: Date.now(), after });
  return page
    ? { kind: 'page', ...page }
    : { kind: 'unavailable', reason: answer.body.problem ?? 'answer_without_page' };
}

async function getJson(
  target: Target,
  url: URL,
  signal: AbortSignal | undefined,
  maxBytes: number,
): Promise<Answer | { readonly failure: string }> {
  const limit = AbortSignal.timeout(target.timeouts.readTotalMs);
  try {
    const response = await request(url, {
      dispatcher: target.agent,
      headers: { ...target.headers(url), accept: 'application/json' },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const body = await readJson(response, maxBytes);
    return { status: response.statusCode, headers: response.headers, body };
  } catch (error) {
    return { failure: failureCode(error) };
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
