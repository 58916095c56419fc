import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { ChaosStack } from '../stack/stack.ts';
import { drawFault, mendAll } from './faults.ts';

export interface Storm {
  /** Ends it and mends everything; resolves to how often each fault struck. */
  calm(): Promise<Readonly<Record<string, number>>>;
}

/** One fault after the other, some at the same time, until it is calmed. */
export function startStorm(
  stack: ChaosStack,
  random: Random,
  options: { everyMs: [low: number, high: number]; log?: (line: string) => void },
): Storm {
  const calming = new AbortController();
  const counts: Record<string, number> = {};
  const running = new Set<Promise<void>>();
  const startedAt = performance.now();

  const blow = async () => {
    while (!calming.signal.aborted) {
      const pauseMs = random.between(...options.everyMs);
      const fault = drawFault(random);
      await wait(pauseMs, undefined, { signal: calming.signal }).catch(() => undefined);
      if (calming.signal.aborted) return;
      counts[fault.name] = (counts[fault.name] ?? 0) + 1;
      options.log?.(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s ${fault.name}`);
      const run = fault
        .run(stack)
        .catch((error: unknown) => options.log?.(`${fault.name} failed: ${error}`))
        .finally(() => running.delete(run));
      running.add(run);
    }
  };
  const blowing = blow();
  return {
    async calm() {
      calming.abort();
      await blowing;
      await Promise.all(running);
      await mendAll(stack);
      return counts;
    },
  };
}
