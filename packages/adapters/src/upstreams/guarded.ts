import type { SubmitResult } from '@reelgate/core/ports';
import { createCircuitBreaker } from './circuit-breaker.ts';
import type { ClosableUpstream } from './settings.ts';

const UPSTREAM_VERBS = ['submit', 'character', 'poll', 'list', 'open', 'erase'] as const;
export type UpstreamVerb = (typeof UPSTREAM_VERBS)[number];

/** One call of an upstream that came to an end, or was not made because the breaker is open. */
export interface UpstreamCall {
  readonly upstream: string;
  readonly verb: UpstreamVerb;
  readonly outcome: string;
  readonly durationMs: number;
}

export interface GuardedUpstream extends ClosableUpstream {
  breakers(): readonly { readonly verb: UpstreamVerb; readonly state: 'closed' | 'open' | 'half_open' }[];
}

const OPEN = 'breaker_open';

/** An upstream whose calls are told of, with a circuit breaker for each verb: creates that fail do not stop downloads. */
export function guardUpstream(
  upstream: ClosableUpstream,
  onCall: (call: UpstreamCall) => void,
): GuardedUpstream {
  const breakers = new Map(UPSTREAM_VERBS.map((verb) => [verb, createCircuitBreaker()]));
  async function through<R extends { readonly kind: string }>(
    verb: UpstreamVerb,
    call: () => Promise<R>,
    refused: R,
    worked: (result: R) => boolean,
  ): Promise<R> {
    const breaker = breakers.get(verb);
    const startedAt = performance.now();
    const tell = (outcome: string) =>
      onCall({
        upstream: upstream.accountId,
        verb,
        outcome,
        durationMs: Math.round(performance.now() - startedAt),
      });
    if (breaker && !breaker.allows()) {
      tell(OPEN);
      return refused;
    }
    try {
      const result = await call();
      breaker?.record(worked(result));
      tell(result.kind);
      return result;
    } catch (error) {
      // No call may throw; but a probe that did and told nothing would keep the breaker open for ever.
      breaker?.record(false);
      throw error;
    }
  }
  const away = { kind: 'unavailable', reason: OPEN } as const;
  const notSent = {
    kind: 'not_sent',
    error: { code: 'upstream_unavailable', message: 'The upstream is not available at the moment.' },
  } as const;
  const isThere = (result: { readonly kind: string }) => result.kind !== 'unavailable';
  // A refusal is an answer; only what was not answered speaks against the service.
  const answered = (result: Pick<SubmitResult, 'kind'>) =>
    result.kind !== 'unknown' && result.kind !== 'not_sent';
  return {
    accountId: upstream.accountId,
    capabilities: upstream.capabilities,
    submit: (job, options) =>
      through<SubmitResult>('submit', () => upstream.submit(job, options), notSent, answered),
    createCharacter: (character) =>
      through(
        'character',
        () => upstream.createCharacter(character),
        notSent,
        (result) => result.kind === 'created' || answered(result),
      ),
    poll: (handle, signal) => through('poll', () => upstream.poll(handle, signal), away, isThere),
    list: (options) => through('list', () => upstream.list(options), away, isThere),
    open: (handle, variant, options) =>
      through('open', () => upstream.open(handle, variant, options), away, isThere),
    erase: (handle) => through('erase', () => upstream.erase(handle), away, isThere),
    close: () => upstream.close(),
    breakers: () => [...breakers].map(([verb, breaker]) => ({ verb, state: breaker.state() })),
  };
}
