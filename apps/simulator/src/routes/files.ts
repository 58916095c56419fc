import { Hono } from 'hono';
import { isForm, parseFile } from '../body.ts';
import { readCommandedBody } from '../commanded-body.ts';
import { answerHeaders, type SimulatorContext, type SimulatorEnv, serve } from '../exchange.ts';
import type { KeptFile } from '../files-store.ts';
import { methodNotAllowed } from '../method-not-allowed.ts';
import { fileNotFound, invalid, OpenAiError } from '../openai-error.ts';
import type { SimulatorState } from '../state.ts';

const MAX_LIMIT = 10_000;

/** The Files API, as far as a video can begin with a file. */
export function createFilesRoutes(state: SimulatorState): Hono<SimulatorEnv> {
  return new Hono<SimulatorEnv>()
    .post('/', (c) => createFile(c, state))
    .get('/', (c) => listFiles(c, state))
    .all('/', methodNotAllowed('GET', 'POST'))
    .get('/:file_id', (c) => retrieveFile(c, state, c.req.param('file_id')))
    .delete('/:file_id', (c) => deleteFile(c, state, c.req.param('file_id')))
    .all('/:file_id', methodNotAllowed('GET', 'DELETE'))
    .get('/:file_id/content', (c) => serveFile(c, state, c.req.param('file_id')))
    .all('/:file_id/content', methodNotAllowed('GET'));
}

async function createFile(c: SimulatorContext, state: SimulatorState): Promise<Response> {
  const isReadable = isForm(c.env.incoming);
  const { fields, failure } = await readCommandedBody(c.env.incoming);
  return await serve(c, state, { operation: 'file', own: {} }, () => {
    if (!isReadable) throw new OpenAiError(400, 'A file is uploaded with multipart/form-data.');
    if (failure) throw failure;
    const { lifeSeconds, ...given } = parseFile(fields);
    const file = state.files.add(given, lifeSeconds, state.now());
    return { json: toWire(file), id: file.id };
  });
}

async function listFiles(c: SimulatorContext, state: SimulatorState): Promise<Response> {
  return await serve(c, state, { operation: 'file_list', own: {} }, () => {
    const { limit, order, after, purpose } = parseListQuery(c);
    const all = order === 'asc' ? state.files.all() : state.files.all().toReversed();
    const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    if (after !== undefined && start === 0) throw fileNotFound(after);
    const rest = all
      .slice(start)
      .filter(({ id }) => state.files.find(id, state.now()) !== undefined)
      .filter((file) => purpose === undefined || file.purpose === purpose);
    const data = rest.slice(0, limit).map(toWire);
    return {
      json: {
        object: 'list',
        data,
        first_id: data.at(0)?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
        has_more: rest.length > data.length,
      },
    };
  });
}

function parseListQuery(c: SimulatorContext) {
  const { limit: limitText, order = 'desc', after, purpose } = c.req.query();
  const limit = limitText === undefined ? MAX_LIMIT : Number(limitText || Number.NaN);
  if (!Number.isInteger(limit) || limit < 0 || limit > MAX_LIMIT) {
    throw invalid('limit', `Invalid 'limit': expected an integer from 0 to ${MAX_LIMIT}.`);
  }
  if (order !== 'asc' && order !== 'desc') {
    throw invalid('order', `Invalid value: '${order}'. Supported values are: 'asc' and 'desc'.`);
  }
  return { limit, order, after: after || undefined, purpose: purpose || undefined } as const;
}

async function retrieveFile(c: SimulatorContext, state: SimulatorState, id: string): Promise<Response> {
  return await serve(c, state, { operation: 'file_get', id, own: {} }, () => ({
    json: toWire(findFile(state, id)),
  }));
}

async function serveFile(c: SimulatorContext, state: SimulatorState, id: string): Promise<Response> {
  return await serve(c, state, { operation: 'file_content', id, own: {} }, () => {
    const { upload } = findFile(state, id);
    return {
      send(note) {
        note({ outcome: 'answered', status: 200, bytes: upload.bytes });
        const headers = { ...answerHeaders(c), 'content-type': 'application/octet-stream' };
        return c.body(new Uint8Array(upload.content), 200, headers);
      },
    };
  });
}

async function deleteFile(c: SimulatorContext, state: SimulatorState, id: string): Promise<Response> {
  return await serve(c, state, { operation: 'file_delete', id, own: {} }, () => {
    findFile(state, id);
    state.files.delete(id);
    return { json: { id, object: 'file', deleted: true } };
  });
}

function findFile(state: SimulatorState, id: string): KeptFile {
  const file = state.files.find(id, state.now());
  if (!file) throw fileNotFound(id);
  return file;
}

function toWire({ id, purpose, upload, createdAtMs, expiresAtMs }: KeptFile) {
  return {
    id,
    object: 'file',
    bytes: upload.bytes,
    created_at: Math.floor(createdAtMs / 1000),
    ...(expiresAtMs !== null && { expires_at: Math.floor(expiresAtMs / 1000) }),
    filename: upload.filename ?? 'upload',
    purpose,
    status: 'processed',
  };
}
