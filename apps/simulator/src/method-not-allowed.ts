import { answerError, type SimulatorContext } from './exchange.ts';
import { OpenAiError } from './openai-error.ts';

/** For a path that exists, asked in a way it does not know. */
export function methodNotAllowed(...allowed: readonly string[]) {
  return (c: SimulatorContext): Response => {
    c.header('allow', allowed.join(', '));
    return answerError(c, new OpenAiError(405, `Not allowed to ${c.req.method} on ${c.req.path}.`));
  };
}
