import { randomBytes } from 'node:crypto';
import type { Behaviour } from '../behaviour.ts';
import { corrupted, openContent } from '../content-body.ts';
import { answerError, answerHeaders, type Note, type SimulatorContext, serve } from '../exchange.ts';
import { invalid, OpenAiError } from '../openai-error.ts';
import { type Rendered, VARIANTS, type Variant } from '../renders.ts';
import { findLiving, requireCompleted, type SimulatorState } from '../state.ts';
import type { Video } from '../videos-store.ts';
import { sendBody } from '../wire.ts';

/** Answers with the bytes of one variant, whole or a range of them. */
export async function serveContent(
  c: SimulatorContext,
  state: SimulatorState,
  id: string,
): Promise<Response> {
  const known = state.videos.find(id);
  const exchange = { operation: 'content', id, prompt: known?.prompt, own: known?.behaviour ?? {} } as const;
  return await serve(c, state, exchange, async (behaviour) => {
    const video = findLiving(state, id);
    const variant = parseVariant(c.req.query('variant'));
    requireCompleted(state, video);
    if (behaviour.only_video && variant !== 'video') {
      throw new OpenAiError(404, `Variant '${variant}' is not available.`, { code: 'variant_not_found' });
    }
    if (behaviour.redirect_loop) return { send: (note) => redirectToItself(c, note) };
    if (behaviour.html_200) return { send: (note) => sendPage(c, note) };
    const rendered = await state.renders.get(video, variant);
    openContent(rendered, behaviour);
    return { send: (note) => sendContent(c, video, rendered, behaviour, note) };
  });
}

function parseVariant(text = 'video'): Variant {
  const variant = VARIANTS.find((each) => each === text);
  if (variant) return variant;
  throw invalid('variant', `Invalid value: '${text}'. Supported values are: ${VARIANTS.join(', ')}.`);
}

async function sendContent(
  c: SimulatorContext,
  video: Video,
  rendered: Rendered,
  behaviour: Behaviour,
  note: Note,
): Promise<Response> {
  const body = openContent(rendered, behaviour);
  const salt = behaviour.changing_etag ? `-${randomBytes(4).toString('hex')}` : '';
  const etag = `"${rendered.sha256.slice(0, 32)}-${body.bytes}${salt}"`;
  const ifRange = c.req.header('if-range');
  const range =
    ifRange === undefined || ifRange === etag ? parseRange(c.req.header('range'), body.bytes) : null;
  if (range === 'unsatisfiable') {
    note({ outcome: 'refused', status: 416 });
    c.header('content-range', `bytes */${body.bytes}`);
    return answerError(c, new OpenAiError(416, 'The requested range is not satisfiable.'));
  }
  const { start, end } = range ?? { start: 0, end: body.bytes };
  const status = range ? 206 : 200;
  const bytes = body.read(start, end);
  return await sendBody(c.env, {
    status,
    headers: {
      ...answerHeaders(c),
      'content-type': rendered.contentType,
      'accept-ranges': 'bytes',
      etag,
      ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${body.bytes}` } : {}),
    },
    lengthBytes: end - start,
    source: behaviour.wrong_bytes ? corrupted(bytes, start) : bytes,
    cutAt: behaviour.cut_at,
    lengthless: behaviour.lengthless,
    bytesPerSecond: behaviour.bytes_per_second,
    onEnd(sentBytes, outcome) {
      video.downloads++;
      note({ outcome, status, bytes: sentBytes });
    },
  });
}

/** The one range that is asked for, its end exclusive; null for none, or for several, which get the whole. */
function parseRange(header: string | undefined, size: number) {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return start < end ? { start, end } : 'unsatisfiable';
}

function redirectToItself(c: SimulatorContext, note: Note): Response {
  note({ outcome: 'answered', status: 302 });
  return c.body(null, 302, { ...answerHeaders(c), location: c.req.url });
}

function sendPage(c: SimulatorContext, note: Note): Response {
  note({ outcome: 'answered', status: 200 });
  const page = '<!doctype html><html><body><h1>We will be right back</h1></body></html>';
  return c.html(page, 200, answerHeaders(c));
}
