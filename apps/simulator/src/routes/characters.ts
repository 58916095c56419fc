import { checkFileStrictly, isForm, parseCharacter } from '../body.ts';
import type { Character } from '../characters-store.ts';
import { readCommandedBody } from '../commanded-body.ts';
import { type SimulatorContext, serve } from '../exchange.ts';
import { characterNotFound, OpenAiError } from '../openai-error.ts';
import type { SimulatorState } from '../state.ts';

export async function createCharacter(c: SimulatorContext, state: SimulatorState): Promise<Response> {
  const isReadable = isForm(c.env.incoming);
  const { fields, failure } = await readCommandedBody(c.env.incoming);
  return await serve(c, state, { operation: 'character', own: {} }, (behaviour) => {
    if (!isReadable) throw new OpenAiError(400, 'A character is created with multipart/form-data.');
    if (failure) throw failure;
    const given = parseCharacter(fields);
    if (behaviour.strict_references) checkFileStrictly('video', given.video);
    const character = state.characters.add(given, state.now());
    return { json: toWire(character), id: character.id };
  });
}

export async function retrieveCharacter(
  c: SimulatorContext,
  state: SimulatorState,
  id: string,
): Promise<Response> {
  return await serve(c, state, { operation: 'character_get', id, own: {} }, () => {
    const character = state.characters.find(id);
    if (!character) throw characterNotFound(id);
    return { json: toWire(character) };
  });
}

/** The one object of the API that has no `object`. */
function toWire({ id, name, createdAtMs }: Character) {
  return { id, name, created_at: Math.floor(createdAtMs / 1000) };
}
