import { Hono } from 'hono';
import { ZodError, z } from 'zod';
import { type Behaviour, lifeAndContentOf, lifeOf, parseDirectives } from '../behaviour.ts';
import { checkReferenceStrictly, type Fields, parseCreate, readFields } from '../body.ts';
import { type SimulatorContext, type SimulatorEnv, serve } from '../exchange.ts';
import { momentAt, toWire } from '../lifecycle.ts';
import { invalid, OpenAiError, videoNotFound } from '../openai-error.ts';
import { findLiving, type SimulatorState } from '../state.ts';
import type { Video } from '../videos-store.ts';
import { serveContent } from './content.ts';

const DEFAULT_LIMIT = 20;

/**
 * The Videos API. Literal siblings of `/:video_id` (edits, extensions, characters) belong before it: the first
 * route that matches answers.
 */
export function createVideosRoutes(state: SimulatorState): Hono<SimulatorEnv> {
  return new Hono<SimulatorEnv>()
    .post('/', (c) => createVideo(c, state))
    .get('/', (c) => listVideos(c, state))
    .get('/:video_id', (c) => retrieveVideo(c, state, c.req.param('video_id')))
    .delete('/:video_id', (c) => deleteVideo(c, state, c.req.param('video_id')))
    .get('/:video_id/content', (c) => serveContent(c, state, c.req.param('video_id')));
}

async function createVideo(c: SimulatorContext, state: SimulatorState): Promise<Response> {
  const { fields, own, failure } = await readCreate(c);
  const prompt = typeof fields.prompt === 'string' ? fields.prompt : undefined;
  return await serve(c, state, { operation: 'create', prompt, own }, (behaviour, commanded) => {
    if (failure) throw failure;
    const request = parseCreate(fields);
    if (behaviour.strict_references) checkReferenceStrictly(request.inputReference);
    const kept = { ...lifeOf(state.rules.defaults()), ...lifeAndContentOf(commanded) };
    const video = state.videos.add(request, kept, state.now());
    state.ledger.created();
    return { json: present(state, video), id: video.id, clockSkewSeconds: kept.clock_skew_s };
  });
}

interface CreateBody {
  readonly fields: Fields;
  /** What the prompt commands. */
  readonly own: Behaviour;
  /** Why the body is of no use: a refusal like any other, to be noted in its turn. */
  readonly failure?: OpenAiError;
}

async function readCreate(c: SimulatorContext): Promise<CreateBody> {
  try {
    const fields = await readFields(c.env.incoming);
    return { fields, own: typeof fields.prompt === 'string' ? parseDirectives(fields.prompt) : {} };
  } catch (error) {
    if (error instanceof OpenAiError) return { fields: {}, own: {}, failure: error };
    if (!(error instanceof ZodError)) throw error;
    const message = `Simulator directive: ${z.prettifyError(error)}`;
    return { fields: {}, own: {}, failure: invalid('prompt', message, 'invalid_directive') };
  }
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

/** The video as it stands, with what is commanded for this answer alone on top. */
function present(state: SimulatorState, video: Video, passing: Behaviour = {}) {
  const behaviour = { ...video.behaviour, ...lifeOf(passing) };
  const moment = momentAt(video, behaviour, state.lifetime, state.now());
  if (moment.status === 'expired') throw videoNotFound(video.id);
  return toWire(video, behaviour, moment);
}
