import type { IncomingMessage } from 'node:http';
import { ZodError, z } from 'zod';
import { type Behaviour, parseDirectives } from './behaviour.ts';
import { readFields } from './body.ts';
import type { Fields } from './form.ts';
import { invalid, OpenAiError } from './openai-error.ts';

export interface CommandedBody {
  readonly fields: Fields;
  readonly prompt: string | undefined;
  /** What the prompt commands. */
  readonly own: Behaviour;
  /** Why the body is of no use: a refusal like any other, to be noted in its turn. */
  readonly failure?: OpenAiError;
}

/** Reads a body, and the commands in its prompt. */
export async function readCommandedBody(incoming: IncomingMessage): Promise<CommandedBody> {
  try {
    const fields = await readFields(incoming);
    const prompt = typeof fields.prompt === 'string' ? fields.prompt : undefined;
    return { fields, prompt, own: prompt === undefined ? {} : parseDirectives(prompt) };
  } catch (error) {
    const useless = { fields: {}, prompt: undefined, own: {} };
    if (error instanceof OpenAiError) return { ...useless, failure: error };
    if (!(error instanceof ZodError)) throw error;
    const message = `Simulator directive: ${z.prettifyError(error)}`;
    return { ...useless, failure: invalid('prompt', message, 'invalid_directive') };
  }
}
