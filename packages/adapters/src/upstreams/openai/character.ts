import type { CharacterResult, UpstreamFile } from '@reelgate/core/ports';
import { classifyAnswer } from './classify.ts';
import { postForm } from './submit.ts';
import type { Target } from './target.ts';

/** Makes a character. The answer has no `object`, and its id may be null in the wire's own description: then nothing is known. */
export async function createCharacter(
  target: Target,
  { name, video }: { readonly name: string; readonly video: UpstreamFile },
): Promise<CharacterResult> {
  const sent = await postForm(target, '/videos/characters', [['name', name]], [video]);
  if (sent.kind === 'failure') return sent.result;
  const { status, body } = sent.answer;
  if (status >= 200 && status < 300) {
    const id = (body.value as { id?: unknown } | null | undefined)?.id;
    if (typeof id === 'string' && id.length > 0 && id.length <= 512) return { kind: 'created', id };
    return {
      kind: 'unknown',
      error: {
        code: 'upstream_outcome_unknown',
        message: 'The upstream did not tell which character it made.',
        httpStatus: status,
      },
    };
  }
  const result = classifyAnswer(sent.answer, { scrub: target.scrub, now: Date.now(), prompt: name });
  if (result.kind === 'accepted') throw new Error('an answer that is no success cannot accept');
  return result;
}
