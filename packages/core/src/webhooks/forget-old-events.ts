import { transaction } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import { deleteAnyOldEvents } from './queries/index.ts';

const KEPT_MS = 30 * 24 * 60 * 60_000;
const BATCH = 1_000;

/** Deletes events that are older than 30 days with what was sent of them, except what still waits to be. Resolves to how many. */
export async function forgetOldEvents(ctx: Pick<WorkerContext, 'db'>): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const count = await transaction(ctx.db, (tx) => deleteAnyOldEvents(tx, KEPT_MS, BATCH));
    forgotten += count;
    if (count < BATCH) return forgotten;
  }
}
