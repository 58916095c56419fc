import { transaction } from '@reelgate/db';
import type { ServiceContext } from '../context.ts';
import { emitUnlessDeleted } from './emit-video-event.ts';
import { alertAtRisk, alertOverdueRenders } from './queries/index.ts';

/** With less time than this to its deadline a video is in danger, in ms; also when half of its time is gone. */
const LAST_MS = 10 * 60_000;
/** A render that takes longer than this is worth a look, in ms. */
const LONG_RENDER_MS = 2 * 60 * 60_000;

/** Tells operators, and the owners of videos that may be lost, once each. Resolves to how many it told of. */
export async function watchVideos(ctx: ServiceContext): Promise<number> {
  const atRisk = await transaction(ctx.db, async (tx) => {
    const rows = await alertAtRisk(tx, LAST_MS);
    for (const row of rows) await emitUnlessDeleted(tx, row, 'video.at_risk');
    return rows;
  });
  for (const row of atRisk) {
    ctx.log.error('video.at_risk', {
      videoId: row.id,
      upstream: row.upstreamAccountId,
      deadlineAt: row.archiveDeadlineAt?.toISOString(),
      costMicroUsd: String(row.finalMicroUsd),
    });
  }
  const long = await alertOverdueRenders(ctx.db, LONG_RENDER_MS);
  for (const row of long) {
    ctx.log.error('render.overdue', {
      videoId: row.id,
      upstream: row.upstreamAccountId,
      submittedAt: row.submittedAt?.toISOString(),
    });
  }
  return atRisk.length + long.length;
}
