import type { CharacterResult, SubmitResult } from '@reelgate/core/ports';
import type { ClosableUpstream, UpstreamSettings } from '../settings.ts';
import { createCharacter } from './character.ts';
import { erase } from './erase.ts';
import { list, poll } from './look.ts';
import { openContent } from './open-content.ts';
import { submit } from './submit.ts';
import { createTarget } from './target.ts';

/** One account of a server that speaks the OpenAI Videos API. A handle is its id alone: an account has one base URL. */
export function createOpenAIUpstream(settings: UpstreamSettings): ClosableUpstream {
  const target = createTarget(settings);
  const submitting = new Set<Promise<SubmitResult | CharacterResult>>();
  const until = <R extends SubmitResult | CharacterResult>(result: Promise<R>): Promise<R> => {
    submitting.add(result);
    return result.finally(() => submitting.delete(result));
  };
  return {
    accountId: settings.accountId,
    capabilities: {
      operations: new Set(settings.operations),
      characters: settings.characters,
      videoUploads: settings.videoUploads,
      variants: new Set(settings.variants),
      lists: settings.lists,
      contentLifeMs: settings.contentLifeMs,
      pollIntervalMs: settings.pollIntervalMs,
      chargesOnFailure: settings.chargesOnFailure,
      chargesOnLoss: settings.chargesOnLoss ?? true,
      erasesStored: settings.erasesStored ?? false,
    },
    submit: (job, { submissionId }) => until(submit(target, job, submissionId)),
    createCharacter: (character) => until(createCharacter(target, character)),
    poll: (handle, signal) => poll(target, handle, signal),
    list: async (options) =>
      settings.lists ? list(target, options) : { kind: 'unavailable', reason: 'not_offered' },
    open: (handle, variant, options = {}) => openContent(target, handle, variant, options),
    erase: (handle) => erase(target, handle),
    async close() {
      await Promise.all(submitting);
      await target.destroy();
    },
  };
}
