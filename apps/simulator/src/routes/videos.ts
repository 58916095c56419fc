import { Hono } from 'hono';
import { type Behaviour, lifeOf } from '../behaviour.ts';
import { type SimulatorContext, type SimulatorEnv, serve } from '../exchange.ts';
import { momentAt } from '../lifecycle.ts';
import { methodNotAllowed } from '../method-not-allowed.ts';
import { invalid, videoNotFound } from '../openai-error.ts';
import { findLiving, present, type SimulatorState } from '../state.ts';
import type { Video } from '../videos-store.ts';
import { createCharacter, retrieveCharacter } from './characters.ts';
import { serveContent } from './content.ts';
import { createVideo, editVideo, extendVideo, remixVideo } from './make-video.ts';

const DEFAULT_LIMIT = 20;

/**
 * The Videos API. The first route that matches answers: so the literal siblings of `/:video_id` come before it, and
 * each path's refusal of other methods behind its methods.
 */
export function createVideosRoutes(state: SimulatorState): Hono<SimulatorEnv> {
  return new Hono<SimulatorEnv>()
    .post('/', (c) => createVideo(c, state))
    .get('/', (c) => listVideos(c, state))
    .all('/', methodNotAllowed('GET', 'POST'))
    .post('/edits', (c) => editVideo(c, state))
    .post('/extensions', (c) => extendVideo(c, state))
    .post('/characters', (c) => createCharacter(c, state))
    .all('/edits', methodNotAllowed('POST'))
    .all('/extensions', methodNotAllowed('POST'))
    .all('/characters', methodNotAllowed('POST'))
    .get('/characters/:character_id', (c) => retrieveCharacter(c, state, c.req.param('character_id')))
    .all('/characters/:character_id', methodNotAllowed('GET'))
    .get('/:video_id', (c) => retrieveVideo(c, state, c.req.param('video_id')))
    .delete('/:video_id', (c) => deleteVideo(c, state, c.req.param('video_id')))
    .all('/:video_id', methodNotAllowed('GET', 'DELETE'))
    .get('/:video_id/content', (c) => serveContent(c, state, c.req.param('video_id')))
    .all('/:video_id/content', methodNotAllowed('GET'))
    .post('/:video_id/remix', (c) => remixVideo(c, state, c.req.param('video_id')))
    .all('/:video_id/remix', methodNotAllowed('POST'));
}

async function listVideos(c: SimulatorContext, state: SimulatorState): Promise<Response> {
  return await serve(c, state, { operation: 'list', own: {} }, (behaviour) => {
    const { limit, order, after } = parseListQuery(c);
    const cursor = after === undefined ? undefined : state.videos.findEver(after);
    if (after !== undefined && !cursor) throw videoNotFound(after);
    const page: Video[] = [];
    let hasMore = false;
    for (const video of state.videos.walk(order, cursor)) {
      if (!isListed(state, video, behaviour)) continue;
      hasMore = page.length === limit;
      if (hasMore) break;
      page.push(video);
    }
    const data = page.map((video) => present(state, video, behaviour));
    const [first, last] = [data.at(0), data.at(-1)];
    const json = {
      object: 'list',
      data,
      first_id: first?.id ?? null,
      last_id: last?.id ?? null,
      has_more: hasMore,
    };
    return { json, clockSkewSeconds: behaviour.clock_skew_s };
  });
}

function parseListQuery(c: SimulatorContext) {
  const { limit: limitText, order = 'desc', after } = c.req.query();
  const limit = limitText === undefined ? DEFAULT_LIMIT : Number(limitText || Number.NaN);
  if (!Number.isInteger(limit) || limit < 0 || limit > 100) {
    throw invalid('limit', `Invalid 'limit': expected an integer from 0 to 100, but got '${limitText}'.`);
  }
  if (order !== 'asc' && order !== 'desc') {
    throw invalid('order', `Invalid value: '${order}'. Supported values are: 'asc' and 'desc'.`);
  }
  return { limit, order, after: after || undefined } as const;
}

function isListed(state: SimulatorState, video: Video, passing: Behaviour): boolean {
  if (video.deletedAtMs !== null || video.forgottenAtMs !== null) return false;
  const behaviour = { ...video.behaviour, ...lifeOf(passing) };
  if (state.now() < video.createdAtMs + (behaviour.list_lag_s ?? 0) * 1000) return false;
  return momentAt(video, behaviour, state.lifetime, state.now()).status !== 'expired';
}

async function retrieveVideo(c: SimulatorContext, state: SimulatorState, id: string): Promise<Response> {
  const own = state.videos.find(id)?.behaviour ?? {};
  const prompt = state.videos.find(id)?.prompt;
  return await serve(c, state, { operation: 'retrieve', id, prompt, own }, (behaviour) => ({
    json: present(state, findLiving(state, id), behaviour),
    clockSkewSeconds: behaviour.clock_skew_s,
  }));
}

async function deleteVideo(c: SimulatorContext, state: SimulatorState, id: string): Promise<Response> {
  const prompt = state.videos.find(id)?.prompt;
  return await serve(c, state, { operation: 'delete', id, prompt, own: {} }, async () => {
    const video = findLiving(state, id);
    state.videos.delete(video, state.now());
    await state.renders.remove(video);
    return { json: { id, object: 'video.deleted', deleted: true } };
  });
}
