import { transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { hint } from '../hint.ts';
import { emitVideoEvent } from './emit-video-event.ts';
import { expireByRetention } from './queries/index.ts';

const BATCH = 100;

/** Deletes finished videos whose team keeps them no longer, as their owner would. Resolves to how many. */
export async function applyRetention(ctx: ServiceContext): Promise<number> {
  let total = 0;
  for (;;) {
    const expired = await transaction(ctx.db, async (tx, afterCommit) => {
      const rows = await expireByRetention(tx, BATCH);
      for (const row of rows) {
        await emitVideoEvent(tx, row, 'video.deleted');
        afterCommit(() => hint(ctx, { name: 'purge-video', payload: { videoId: row.id } }));
      }
      return rows;
    });
    total += expired.length;
    if (expired.length < BATCH) return total;
  }
}
