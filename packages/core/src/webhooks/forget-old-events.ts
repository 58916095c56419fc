import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import { deleteAnyOldEvents } from './queries/index.ts';

const BATCH = 1_000;

/** Deletes events that are older than `eventsKeptMs` with what was sent of them, except what still waits to be. Resolves to how many. */
export async function forgetOldEvents(ctx: Pick<WorkerContext, 'db' | 'timing'>): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const count = await transaction(ctx.db, (tx) => deleteAnyOldEvents(tx, ctx.timing.eventsKeptMs, BATCH));
    forgotten += count;
    if (count < BATCH) return forgotten;
  }
}
