import type { WorkerContext } from './context.ts';
import { drainLifeboat, takeAnyUpkeepTurn } from './videos/index.ts';

interface Upkeep {
  readonly everyMs: number;
  /** Resolves to how much there was to do. */
  readonly run: (ctx: WorkerContext) => Promise<number>;
}

const SECOND = 1_000;

const UPKEEP: Readonly<Record<string, Upkeep>> = {
  'drain-lifeboat': { everyMs: 10 * SECOND, run: drainLifeboat },
};

export const UPKEEP_NAMES = Object.keys(UPKEEP);

/** Does one kind of upkeep where it is time and no other worker has done it. What it leaves undone, the next turn finds. */
export async function keepUp(ctx: WorkerContext, name: string): Promise<void> {
  const upkeep = UPKEEP[name];
  if (!upkeep || !(await takeAnyUpkeepTurn(ctx.db, name, upkeep.everyMs))) return;
  const startedAt = performance.now();
  const count = await upkeep.run(ctx);
  if (count > 0) {
    ctx.log.info('upkeep.done', { job: name, count, durationMs: Math.round(performance.now() - startedAt) });
  }
}
