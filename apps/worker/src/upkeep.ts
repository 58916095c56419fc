import { setTimeout as wait } from 'node:timers/promises';
import { keepUp, UPKEEP_NAMES, type WorkerContext } from '@reelgate/core';

/** How often to ask whether some upkeep is due, in ms. */
const LOOK_MS = 2_000;

/** What has to be done now and then, each kind in a loop of its own; Postgres decides which worker's turn it is. */
export function startUpkeep(ctx: WorkerContext): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loop = async (name: string) => {
    while (!stopping.signal.aborted) {
      try {
        await keepUp(ctx, name);
      } catch (error) {
        ctx.log.error('upkeep.failed', { job: name, error });
      }
      await wait(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const loops = UPKEEP_NAMES.map(loop);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
