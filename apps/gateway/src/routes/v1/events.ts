import { listEventsQuerySchema, type Scope, streamQuerySchema } from '@reelgate/contract';
import {
  type EventRow,
  followEvents,
  getEvent,
  getVideo,
  listTeamEvents,
  markRead,
  publicStatus,
  requireScope,
} from '@reelgate/core';
import { type Context, Hono } from 'hono';
import { networkOf } from '../../client-address.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import { checkVideoId, videoIdOf } from '../../ids.ts';
import { readKey } from '../../middleware/authenticate.ts';
import { refuseOtherMethods } from '../../middleware/refuse-other-methods.ts';
import { serializeList } from '../../serialize-webhooks.ts';
import { eventIdOf, givenEventId, limitOf, queryOf } from '../../webhook-request.ts';
import { callerOf, type V1Deps } from './deps.ts';

const LAST_OF_A_VIDEO: ReadonlySet<string> = new Set(['video.completed', 'video.failed', 'video.deleted']);

/** What a team was told: page by page, and as a stream. */
export function createEventsRoutes(deps: V1Deps): Hono<GatewayEnv> {
  const { webhooks: ctx, streams } = deps;
  return new Hono<GatewayEnv>()
    .get('/', async (c) => {
      const { limit, type, video_id: videoId, order = 'desc', after } = queryOf(c, listEventsQuerySchema);
      const found = await listTeamEvents(ctx, c.var.principal.teamId, {
        after: after === undefined ? undefined : givenEventId(after),
        order,
        limit: limitOf(limit),
        videoId: videoId === undefined ? undefined : checkVideoId(videoId, 'video_id'),
        types: type === undefined ? undefined : [type],
      });
      return c.json(serializeList(found, asSent));
    })
    .all('/', refuseOtherMethods('GET', 'HEAD'))
    .get('/stream', async (c) => {
      const after = lastEventId(c) ?? queryOf(c, streamQuerySchema).after;
      const from = after === undefined ? 'now' : { after: givenEventId(after) };
      const reader = await followEvents(ctx, c.var.principal.teamId, from);
      return await streams.send(c, {
        reader,
        isLast: () => false,
        allowed: stillAllowed(deps, c, 'webhooks'),
      });
    })
    .all('/stream', refuseOtherMethods('GET', 'HEAD'))
    .get('/:eventId', async (c) => c.json(asSent(await getEvent(ctx, c.var.principal.teamId, eventIdOf(c)))))
    .all('/:eventId', refuseOtherMethods('GET', 'HEAD'));
}

/** Below a video. */
export function createVideoEventsRoutes(deps: V1Deps): Hono<GatewayEnv> {
  const caller = callerOf(deps);
  return new Hono<GatewayEnv>()
    .get('/:videoId/events', async (c) => {
      const videoId = videoIdOf(c);
      const after = lastEventId(c);
      const video = await getVideo(caller(c), videoId);
      void deps.background.track(markRead(caller(c), video));
      const { teamId } = c.var.principal;
      if (after !== undefined) {
        const seen = await getEvent(deps.webhooks, teamId, givenEventId(after));
        // Which tells a client for server-sent events not to come back.
        if (seen.videoId === videoId && LAST_OF_A_VIDEO.has(seen.type)) return c.body(null, 204);
      }
      const from = after === undefined ? 'first' : { after: givenEventId(after) };
      const reader = await followEvents(deps.webhooks, teamId, from, { videoId });
      const { status } = publicStatus(video);
      return await deps.streams.send(c, {
        reader,
        isLast: (event) => LAST_OF_A_VIDEO.has(event.type),
        allowed: stillAllowed(deps, c, 'videos:read'),
        // Its last event may be older than what is kept.
        untilQuiet: status === 'completed' || status === 'failed',
      });
    })
    .all('/:videoId/events', refuseOtherMethods('GET', 'HEAD'));
}

/** Exactly what was signed and sent. */
function asSent(event: EventRow): { readonly id: string } {
  return JSON.parse(event.payload.toString('utf8')) as { id: string };
}

function lastEventId(c: Context<GatewayEnv>): string | undefined {
  const value = c.env.incoming.headers['last-event-id'];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Throws once the key of the request is worth nothing any more. */
function stillAllowed({ keys }: V1Deps, c: Context<GatewayEnv>, scope: Scope): () => Promise<void> {
  return async () => {
    const principal = await keys.team(readKey(c.env.incoming), networkOf(c.var.record.address));
    requireScope(principal, scope);
  };
}
