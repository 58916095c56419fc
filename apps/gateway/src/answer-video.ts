import { type CallerContext, markAnswered, type StartedVideo, type VideoView } from '@reelgate/core';
import type { Context } from 'hono';
import type { GatewayEnv } from './gateway-env.ts';
import type { InFlight } from './in-flight.ts';
import { pollAfterMs } from './poll-after.ts';
import { quotaHeaders } from './quota-headers.ts';
import { serializeVideo } from './serialize.ts';
import { waitForEnd } from './wait-for-end.ts';

export interface AnswerDeps {
  /** True from when the process has begun to stop. */
  readonly draining: () => boolean;
  /** What must be through before the process may stop. */
  readonly background: InFlight;
}

/** The video as it is, or as it is at its end if the caller prefers to wait for that. */
export async function answerVideo(
  c: Context<GatewayEnv>,
  ctx: CallerContext,
  video: VideoView,
  { draining }: Pick<AnswerDeps, 'draining'>,
): Promise<Response> {
  const seen = await waitForEnd(c, ctx, video, draining);
  const pollAfter = pollAfterMs(seen, Date.now());
  if (pollAfter !== null) c.env.outgoing.setHeader('openai-poll-after-ms', String(pollAfter));
  return c.json(serializeVideo(seen));
}

/** The same for a video that this request has begun; notes when the caller has the whole answer. */
export async function answerStarted(
  c: Context<GatewayEnv>,
  ctx: CallerContext,
  { video, replayed, quota }: StartedVideo,
  deps: AnswerDeps,
): Promise<Response> {
  const { incoming, outgoing } = c.env;
  c.var.record.videoId = video.id;
  c.var.record.model = video.model;
  if (replayed) outgoing.setHeader('x-reelgate-replayed', 'true');
  if (quota) for (const [name, value] of Object.entries(quotaHeaders(quota))) outgoing.setHeader(name, value);
  const { socket } = incoming;
  // Before Node's own listener, which may close the socket.
  outgoing.prependOnceListener('finish', () => {
    if (!socket.destroyed && outgoing.statusCode === 200)
      void deps.background.track(markAnswered(ctx, video.id));
  });
  return await answerVideo(c, ctx, video, deps);
}
