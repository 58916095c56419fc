import { setTimeout as wait } from 'node:timers/promises';
import type { ServiceContext } from '../context.ts';
import { recordAnyBreakers } from './queries/index.ts';

/** One circuit breaker of this process. */
export interface BreakerStanding {
  readonly upstream: string;
  readonly verb: string;
  readonly state: 'closed' | 'open' | 'half_open';
}

/** How often to look at them, and how long what was told of one that is not closed counts without being told again, in ms. */
const LOOK_MS = 2_000;
const COUNTS_MS = 15_000;

/** Every process has circuit breakers of its own. This one keeps in Postgres, for administrators, which calls it holds back. */
export function tellOfBreakers(
  ctx: Pick<ServiceContext, 'db' | 'log' | 'owner'>,
  breakers: () => readonly BreakerStanding[],
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const told = new Set<string>();

  const look = async () => {
    for (const [upstream, standings] of Map.groupBy(breakers(), (breaker) => breaker.upstream)) {
      const held = standings.flatMap(({ verb, state }) => (state === 'closed' ? [] : [{ verb, state }]));
      if (held.length === 0 && !told.has(upstream)) continue;
      await recordAnyBreakers(ctx.db, upstream, { owner: ctx.owner, held, countsMs: COUNTS_MS });
      if (held.length > 0) told.add(upstream);
      else told.delete(upstream);
    }
  };
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) => ctx.log.warn('breakers.not_told', { error }));
      await wait(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const looping = loop();
  return {
    async stop() {
      stopping.abort();
      await looping;
    },
  };
}
