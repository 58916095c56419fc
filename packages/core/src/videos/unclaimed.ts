import type { ServiceContext } from '../context.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import { findAnyWait } from './queries/index.ts';
import type { VideoState } from './state.ts';

/** A hint that comes so much too early is worth keeping, in ms; the reconciler looks for whatever is later than that. */
const EARLY_MS = 5_000;

/**
 * For a job whose row could not be claimed: it is not due yet, somebody else is at it, or it has moved on. Only a hint that came
 * a little early waits. Whoever holds the row sees to what follows; if hints went on beside it, they would only grow in number.
 */
export async function outcomeOfUnclaimed(
  ctx: ServiceContext,
  videoId: string,
  states: readonly VideoState[],
): Promise<Outcome> {
  const row = await findAnyWait(ctx.db, videoId);
  if (!row || row.dueInMs === null || row.held || row.dueInMs > EARLY_MS || !states.includes(row.state))
    return done;
  return snooze(new Date(Date.now() + Math.max(row.dueInMs, 0) + 50));
}
