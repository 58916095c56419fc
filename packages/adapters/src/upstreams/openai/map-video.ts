import type { UpstreamError, UpstreamVideo } from '@reelgate/core/ports';
import { z } from 'zod';
import type { Scrub } from '../scrub.ts';
import { readJobError } from './error-body.ts';
import { readErrorDetails } from './error-details.ts';

/** Long because some services encode a route into it; free of anything that could bend a URL. */
const ID = /^(?!\.{1,2}$)[\x21-\x7e]{1,1024}$/;

/** A field of the wrong type is a field that was not told: one odd field must not hide a paid video. */
const told = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const wireVideo = z.object({
  id: z.string().regex(ID),
  status: told(z.string()),
  progress: told(z.number()),
  created_at: told(z.number()),
  completed_at: told(z.number()),
  expires_at: told(z.number()),
  error: z.unknown().optional(),
  model: told(z.string()),
  seconds: told(z.union([z.string(), z.number()])),
  size: told(z.string()),
  prompt: told(z.string()),
});

type State = UpstreamVideo['state'];

/** Words in use among servers of this wire and the relays in front of them. */
const STATES: ReadonlyMap<string, State> = new Map(
  Object.entries({
    queued: 'queued pending submitted not_start notstarted preparing unknown created starting',
    running: 'processing in_progress running generating',
    succeeded: 'completed complete success succeeded succeed finished done',
    failed: 'failed failure fail error cancelled canceled expired aborted',
  }).flatMap(([state, words]) => words.split(' ').map((word) => [word, state as State] as const)),
);
/** Failures whose word says more than an absent code. */
const TELLING = new Set(['cancelled', 'canceled', 'expired', 'aborted']);

const DAY_MS = 86_400_000;
const FIRST_VIDEO_MS = Date.UTC(2024, 0, 1);

/** Undefined where the body has no readable id. `now` bounds the times that are believed, in ms. */
export function readVideo(body: unknown, context: { scrub: Scrub; now: number }): UpstreamVideo | undefined {
  const parsed = wireVideo.safeParse(body);
  if (!parsed.success) return undefined;
  const wire = parsed.data;
  const { now } = context;
  const state = readState(wire.status);
  const createdAt = readTime(wire.created_at, now + DAY_MS);
  const completedAt = readTime(wire.completed_at, now + DAY_MS);
  const expiresAt = readTime(wire.expires_at, now + 366 * DAY_MS);
  return {
    id: wire.id,
    state,
    ...(wire.progress !== undefined && { progress: Math.min(100, Math.max(0, Math.floor(wire.progress))) }),
    ...(createdAt && { createdAt }),
    ...(completedAt && { completedAt }),
    ...(expiresAt && { expiresAt }),
    ...(state === 'failed' && { error: readFailure(wire, context.scrub) }),
    visible: {
      ...(wire.model !== undefined && { model: wire.model }),
      ...(wire.seconds !== undefined && { seconds: String(wire.seconds) }),
      ...(wire.size !== undefined && { size: wire.size }),
      ...(wire.prompt !== undefined && { prompt: wire.prompt }),
    },
  };
}

/** Tells a job from an error body that merely has an id. */
export function hasStatus(body: unknown): boolean {
  return z.object({ status: z.string() }).safeParse(body).success;
}

const wireList = z.object({
  data: z.array(z.unknown()),
  has_more: told(z.boolean()),
  last_id: told(z.string()),
});

/**
 * One page, or undefined where it is not one or an entry has no readable id: a page that hides an entry could make a paid
 * video look absent. `has_more` and `last_id` may be missing; then the next page is asked for until one is empty.
 */
export function readPage(
  body: unknown,
  context: { scrub: Scrub; now: number; after?: string | undefined },
): { readonly videos: readonly UpstreamVideo[]; readonly next?: string } | undefined {
  const parsed = wireList.safeParse(body);
  if (!parsed.success) return undefined;
  const videos = parsed.data.data.map((entry) => readVideo(entry, context));
  if (!videos.every((video) => video !== undefined)) return undefined;
  const last = parsed.data.last_id || videos.at(-1)?.id;
  // A server that ignores `after` would give the same page for ever.
  const more = videos.length > 0 && parsed.data.has_more !== false && last !== context.after;
  return { videos, ...(more && last && { next: last }) };
}

function readState(status: string | undefined): State {
  if (status === undefined) return 'queued';
  // A word nobody knows is no verdict; the video's deadline is.
  return STATES.get(status.toLowerCase()) ?? 'running';
}

function readTime(seconds: number | undefined, latestMs: number): Date | undefined {
  const ms = Math.round((seconds ?? Number.NaN) * 1000);
  return ms >= FIRST_VIDEO_MS && ms <= latestMs ? new Date(ms) : undefined;
}

function readFailure(wire: z.infer<typeof wireVideo>, scrub: Scrub): UpstreamError {
  const { code, message } = readJobError(wire.error);
  const word = wire.status?.toLowerCase() ?? '';
  const fallback = TELLING.has(word) ? word : 'upstream_failed';
  const details = readErrorDetails(wire.error, scrub, [wire.prompt, wire.id]);
  return {
    code: scrub(code, fallback),
    message: scrub(message, 'The upstream could not render this video.', [wire.prompt]),
    ...(details && { details }),
  };
}
