import { type Behaviour, lifeAndContentOf, lifeOf } from '../behaviour.ts';
import {
  checkFileStrictly,
  type InputReference,
  parseCreate,
  parsePrompt,
  parseSeconds,
  parseSource,
  type SourceReference,
} from '../body.ts';
import { readCommandedBody } from '../commanded-body.ts';
import { type SimulatorContext, serve } from '../exchange.ts';
import type { Fields } from '../form.ts';
import { characterNotFound, fileNotFound } from '../openai-error.ts';
import {
  type Footage,
  footageOf,
  footageOfFile,
  orderCreate,
  orderExtension,
  orderVariation,
  type VideoOrder,
} from '../orders.ts';
import { findLiving, present, requireCompleted, type SimulatorState } from '../state.ts';

export async function createVideo(c: SimulatorContext, state: SimulatorState): Promise<Response> {
  return await makeVideo(c, state, 'create', undefined, (fields, behaviour) => {
    const request = parseCreate(fields);
    if (behaviour.strict_references) checkFileStrictly('input_reference', request.inputReference);
    for (const id of request.characterIds) if (!state.characters.find(id)) throw characterNotFound(id);
    return orderCreate({ ...request, inputReference: resolveReference(state, request.inputReference) });
  });
}

/** A file by its id is that file, as if it had been sent along. */
function resolveReference(state: SimulatorState, reference: InputReference | null): InputReference | null {
  if (reference?.kind !== 'object' || reference.file_id === undefined) return reference;
  const file = state.files.find(reference.file_id, state.now());
  if (!file) throw fileNotFound(reference.file_id);
  return file.upload;
}

export async function remixVideo(c: SimulatorContext, state: SimulatorState, id: string): Promise<Response> {
  return await makeVideo(c, state, 'remix', id, (fields) => {
    const prompt = parsePrompt(fields);
    return orderVariation('remix', prompt, footageOfVideo(state, id));
  });
}

export async function editVideo(c: SimulatorContext, state: SimulatorState): Promise<Response> {
  return await makeVideo(c, state, 'edit', undefined, (fields, behaviour) => {
    const prompt = parsePrompt(fields);
    return orderVariation('edit', prompt, footageOfSource(state, fields, behaviour));
  });
}

export async function extendVideo(c: SimulatorContext, state: SimulatorState): Promise<Response> {
  return await makeVideo(c, state, 'extend', undefined, (fields, behaviour) => {
    const [prompt, seconds] = [parsePrompt(fields), parseSeconds(fields)];
    return orderExtension(prompt, Number(seconds), footageOfSource(state, fields, behaviour));
  });
}

/** Makes what is ordered. A rule matches by the id of the video it is made from, in the path or in the body. */
async function makeVideo(
  c: SimulatorContext,
  state: SimulatorState,
  operation: VideoOrder['operation'],
  pathId: string | undefined,
  orderOf: (fields: Fields, behaviour: Behaviour) => VideoOrder,
): Promise<Response> {
  const { fields, prompt, own, failure } = await readCommandedBody(c.env.incoming);
  const id = pathId ?? (operation === 'create' ? undefined : sourceIdIn(fields));
  return await serve(c, state, { operation, id, prompt, own }, (behaviour, commanded) => {
    if (failure) throw failure;
    const order = orderOf(fields, behaviour);
    const kept = { ...lifeOf(state.rules.defaults()), ...lifeAndContentOf(commanded) };
    const video = state.videos.add(order, kept, state.now());
    state.ledger.created();
    return { json: present(state, video), id: video.id, clockSkewSeconds: kept.clock_skew_s };
  });
}

function sourceIdIn({ video }: Fields): string | undefined {
  const isObject = typeof video === 'object' && video !== null && 'id' in video;
  return isObject && typeof video.id === 'string' ? video.id : undefined;
}

function footageOfSource(state: SimulatorState, fields: Fields, behaviour: Behaviour): Footage {
  const source: SourceReference = parseSource(fields);
  if ('id' in source) return footageOfVideo(state, source.id);
  if (behaviour.strict_references) checkFileStrictly('video', source.file);
  return footageOfFile(source.file, source.model);
}

function footageOfVideo(state: SimulatorState, id: string): Footage {
  const video = findLiving(state, id);
  requireCompleted(state, video);
  return footageOf(video);
}
