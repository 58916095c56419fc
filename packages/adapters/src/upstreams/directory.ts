import type { Operation, Variant } from '@reelgate/contract';
import type { UpstreamDirectory } from '@reelgate/core/ports';
import { createUpstream, type UpstreamKind } from './create-upstream.ts';
import { guardUpstream, type UpstreamCall, type UpstreamVerb } from './guarded.ts';
import type { OutputEgress } from './settings.ts';

/** One upstream as the deployment's configuration file describes it. */
export interface ConfiguredUpstream {
  readonly name: string;
  readonly kind: UpstreamKind;
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly operations: readonly Operation[];
  readonly characters: boolean;
  readonly videoUploads: boolean;
  readonly variants: readonly Variant[];
  readonly listable: boolean;
  readonly contentLifeSeconds: number;
  readonly pollIntervalMs: number;
  readonly chargesOnFailure: boolean;
  readonly chargesOnLoss: boolean;
  readonly eraseAfterArchiving: boolean;
}

/** Every configured upstream, by its name. Throws where one of them cannot work. */
export function createUpstreamDirectory(
  configured: readonly ConfiguredUpstream[],
  onCall: (call: UpstreamCall) => void = () => {},
  outputs?: OutputEgress,
): {
  readonly find: UpstreamDirectory;
  /** How the circuit breakers of this process stand. */
  breakers(): readonly {
    readonly upstream: string;
    readonly verb: UpstreamVerb;
    readonly state: 'closed' | 'open' | 'half_open';
  }[];
  /** Waits for creates in flight. */
  close(): Promise<void>;
} {
  const upstreams = new Map(
    configured.map(({ name, listable, contentLifeSeconds, eraseAfterArchiving, ...settings }) => [
      name,
      guardUpstream(
        createUpstream({
          ...settings,
          accountId: name,
          outputs,
          lists: listable,
          erasesStored: eraseAfterArchiving,
          contentLifeMs: contentLifeSeconds * 1_000,
        }),
        onCall,
      ),
    ]),
  );
  return {
    find: (accountId) => upstreams.get(accountId),
    breakers: () =>
      [...upstreams].flatMap(([upstream, guarded]) =>
        guarded.breakers().map((breaker) => ({ upstream, ...breaker })),
      ),
    async close() {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
    },
  };
}
