import { type Database, liftStatementTimeout, transaction } from '@reelgate/db';
import { countBuckets, type LedgerMismatch, listLedgerMismatches } from './queries/index.ts';

/** Recomputes every balance from the rows that led to it. Changes nothing, and may run beside everything else. */
export async function checkLedger(ctx: {
  db: Database;
}): Promise<{ buckets: number; mismatches: readonly LedgerMismatch[] }> {
  return await transaction(ctx.db, async (tx) => {
    await liftStatementTimeout(tx);
    return { buckets: await countBuckets(tx), mismatches: await listLedgerMismatches(tx) };
  });
}

/** One line for a person. */
export function describeMismatch(mismatch: LedgerMismatch): string {
  const { scopeKind, scopeId, metric, window, periodStart, videoId, figure, book, source } = mismatch;
  const limit = scopeKind === 'org' ? 'organization' : `${scopeKind} ${scopeId}`;
  const period = periodStart === null ? '' : `, ${window} from ${periodStart.toISOString()}`;
  const where = `${limit}, ${metric}${period}${videoId === null ? '' : `, ${videoId}`}`;
  const unit = metric === 'cost' ? ' micro-USD' : '';
  return `${where}: the ${book} has ${mismatch.booked}${unit} ${figure}, the ${source} ${source.endsWith('s') ? 'have' : 'has'} ${mismatch.recomputed}.`;
}
