import { type Database, liftStatementTimeout, transaction } from '@reelgate/db';
import type { Log } from '../ports/index.ts';
import {
  countBuckets,
  findLastLedgerCheck,
  insertLedgerCheck,
  isLedgerCheckDue,
  type LedgerCheck,
  type LedgerMismatch,
  listLedgerMismatches,
} from './queries/index.ts';

/** More than anybody reads; how many there are in all is kept as well. */
const LINES_KEPT = 100;
/** It reads all there is: however much that is, the database has a hundred times as long for everything else. */
const REST_TIMES = 100;

/** Recomputes every balance from the rows that led to it. Changes nothing, and may run beside everything else. */
export async function checkLedger(ctx: {
  db: Database;
}): Promise<{ buckets: number; mismatches: readonly LedgerMismatch[] }> {
  return await transaction(ctx.db, async (tx) => {
    await liftStatementTimeout(tx);
    return { buckets: await countBuckets(tx), mismatches: await listLedgerMismatches(tx) };
  });
}

/** The same, and keeps what was found, so that whoever looks sees how the books stand and since when. Tells the log where they differ. */
export async function recheckLedger(ctx: { db: Database; log: Log }): Promise<LedgerCheck> {
  const startedAt = performance.now();
  const { buckets, mismatches } = await checkLedger(ctx);
  const lines = mismatches.slice(0, LINES_KEPT).map(describeMismatch);
  const check = await insertLedgerCheck(ctx.db, {
    tookMs: Math.round(performance.now() - startedAt),
    balances: buckets,
    mismatches: mismatches.length,
    lines,
  });
  if (lines.length > 0) ctx.log.error('ledger.mismatch', { count: mismatches.length, first: lines[0] });
  return check;
}

/** As `recheckLedger`, where the database has rested long enough since the last one. Resolves to in how many figures the books differ. */
export async function checkLedgerInTurn(ctx: { db: Database; log: Log }): Promise<number> {
  return (await isLedgerCheckDue(ctx.db, REST_TIMES)) ? (await recheckLedger(ctx)).mismatches : 0;
}

/** How the books stood when they were last checked; null before the first check. */
export async function getLedgerCheck(ctx: { db: Database }): Promise<LedgerCheck | null> {
  return await findLastLedgerCheck(ctx.db);
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
