import { setTimeout as wait } from 'node:timers/promises';
import { type CallerContext, getVideo, publicStatus, ReelgateError, type VideoView } from '@reelgate/core';
import type { Context } from 'hono';
import { clientGone } from './errors.ts';
import type { GatewayEnv } from './gateway-env.ts';

const MAX_SECONDS = 60;
const FIRST_LOOK_MS = 250;
/** Between two looks at the row. */
const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 2_000;

/** Seconds of `Prefer: wait=N` (RFC 7240), at most 60; null where there is none. What cannot be read is no preference. */
export function preferredWait(prefer: string | undefined): number | null {
  const found = (prefer ?? '')
    .split(/[,;]/)
    .map((item) => /^\s*wait\s*=\s*"?(\d{1,6})"?\s*$/i.exec(item)?.[1])
    .find((seconds) => seconds !== undefined);
  return found === undefined ? null : Math.min(Number(found), MAX_SECONDS);
}

/**
 * Holds the answer back while the caller prefers so and the video has not ended. Looks at the row now and then, and holds no
 * connection in between; ends early when the caller leaves (throws then) and when the process stops.
 */
export async function waitForEnd(
  c: Context<GatewayEnv>,
  ctx: CallerContext,
  video: VideoView,
  draining: () => boolean,
): Promise<VideoView> {
  const { incoming, outgoing } = c.env;
  const prefer = incoming.headers.prefer;
  const seconds = preferredWait(typeof prefer === 'string' ? prefer : undefined);
  if (seconds === null) return video;
  outgoing.setHeader('preference-applied', `wait=${seconds}`);
  const left = new AbortController();
  const leave = () => left.abort();
  outgoing.once('close', leave);
  try {
    const until = performance.now() + seconds * 1_000;
    let seen = video;
    for (let pauseMs = FIRST_LOOK_MS; !hasEnded(seen); pauseMs = nextPause(pauseMs)) {
      const leftMs = until - performance.now();
      if (leftMs <= 0 || draining()) break;
      if (outgoing.destroyed) throw clientGone();
      await wait(Math.min(pauseMs, leftMs), undefined, { signal: left.signal }).catch(() => {
        throw clientGone();
      });
      seen = await look(ctx, seen);
    }
    return seen;
  } finally {
    outgoing.off('close', leave);
  }
}

/** A database that is away for a moment costs no accepted video its answer. */
async function look(ctx: CallerContext, seen: VideoView): Promise<VideoView> {
  try {
    return await getVideo(ctx, seen.id);
  } catch (error) {
    if (error instanceof ReelgateError) throw error;
    return seen;
  }
}

function hasEnded(video: VideoView): boolean {
  const { status } = publicStatus(video);
  return status === 'completed' || status === 'failed';
}

function nextPause(pauseMs: number): number {
  return Math.min(Math.max(pauseMs * 1.5, MIN_PAUSE_MS), MAX_PAUSE_MS);
}
