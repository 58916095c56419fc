import type { MiddlewareHandler } from 'hono';
import { ApiError } from '../errors.ts';
import type { GatewayEnv } from '../gateway-env.ts';

/** What a request is, in the order in which it is given up: what only shows, the bytes of videos, what makes or changes something. */
export type LoadClass = 'view' | 'content' | 'change';

/** How much of all the places may be taken when one of a class still gets one. */
const SHARE: Readonly<Record<LoadClass, number>> = { view: 0.5, content: 0.75, change: 1 };

/** Retries come spread over this time, in ms, and not as the next wave. */
const RETRY_MS = { least: 1_000, most: 4_000 };

/** Looks at one video, and streams of events, which have a limit of their own. Whoever has paid for a video may always ask for it. */
const NEVER_SHED = /^(?:\/openai)?\/v1\/(?:videos\/[^/]+(?:\/events)?|events\/stream)$/;
const CONTENT = /^\/(?:objects|share)\/|\/content$/;

/** Null: it takes no place and is never given up. */
export function loadClassOf(method: string, path: string): LoadClass | null {
  if (method !== 'GET' && method !== 'HEAD') return 'change';
  if (NEVER_SHED.test(path)) return null;
  return CONTENT.test(path) ? 'content' : 'view';
}

/**
 * Serves so many requests at once, `places`, and answers 503 to what is too much, with nothing read and nothing done. The less a
 * request matters the earlier: creates go on while lists and downloads are refused. One team holds at most half of what there is for
 * a class, where the request has been authenticated by then.
 */
export function shedLoad(places: number): MiddlewareHandler<GatewayEnv> {
  let taken = 0;
  const ofTeams = new Map<string, number>();
  return async (c, next) => {
    const kind = loadClassOf(c.req.method, c.req.path);
    if (kind === null) return await next();
    const team: string | undefined = c.var.principal?.teamId;
    const most = places * SHARE[kind];
    if (taken >= most || (team !== undefined && (ofTeams.get(team) ?? 0) >= most / 2)) throw overloaded();
    taken += 1;
    if (team !== undefined) ofTeams.set(team, (ofTeams.get(team) ?? 0) + 1);
    c.env.outgoing.once('close', () => {
      taken -= 1;
      if (team === undefined) return;
      const left = (ofTeams.get(team) ?? 0) - 1;
      if (left > 0) ofTeams.set(team, left);
      else ofTeams.delete(team);
    });
    await next();
  };
}

function overloaded(): ApiError {
  const ms = Math.round(RETRY_MS.least + Math.random() * (RETRY_MS.most - RETRY_MS.least));
  return new ApiError(
    503,
    'There are more requests than can be served at the moment. Nothing was done. Please try again shortly.',
    {
      type: 'server_error',
      code: 'overloaded',
      headers: {
        'x-should-retry': 'true',
        'retry-after': String(Math.ceil(ms / 1_000)),
        'retry-after-ms': String(ms),
      },
    },
  );
}
