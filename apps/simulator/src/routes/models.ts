import { Hono } from 'hono';
import { type SimulatorContext, type SimulatorEnv, serve } from '../exchange.ts';
import { methodNotAllowed } from '../method-not-allowed.ts';
import { OpenAiError } from '../openai-error.ts';
import type { SimulatorState } from '../state.ts';

const CREATED_AT = Date.UTC(2025, 9, 6) / 1000;
const MODELS = ['sora-2', 'sora-2-pro'].map((id) => ({
  id,
  object: 'model',
  created: CREATED_AT,
  owned_by: 'openai',
}));

export function createModelsRoutes(state: SimulatorState): Hono<SimulatorEnv> {
  return new Hono<SimulatorEnv>()
    .get('/', (c) => serve(c, state, { operation: 'models', own: {} }, () => ({ json: list() })))
    .get('/:model', (c) => retrieveModel(c, state, c.req.param('model')))
    .all('/', methodNotAllowed('GET'))
    .all('/:model', methodNotAllowed('GET'));
}

function list() {
  return { object: 'list', data: MODELS };
}

async function retrieveModel(c: SimulatorContext, state: SimulatorState, id: string): Promise<Response> {
  return await serve(c, state, { operation: 'models', id, own: {} }, () => {
    const model = MODELS.find((each) => each.id === id);
    if (model) return { json: model };
    throw new OpenAiError(404, `The model '${id}' does not exist.`, {
      code: 'model_not_found',
      param: 'model',
    });
  });
}
