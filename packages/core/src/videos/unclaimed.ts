import type { ServiceContext } from '../context.ts';
import { done, type Outcome, snooze } from '../outcome.ts';
import { findAnyVideo } from './queries.ts';
import type { VideoState } from './state.ts';

/** For a job whose row could not be claimed: it is not due yet, somebody else is at it, or it has moved on. */
export async function outcomeOfUnclaimed(
  ctx: ServiceContext,
  videoId: string,
  states: readonly VideoState[],
): Promise<Outcome> {
  const row = await findAnyVideo(ctx.db, videoId);
  if (!row?.nextActionAt || row.quarantinedAt || !states.includes(row.state)) return done;
  const until = Math.max(row.nextActionAt.getTime(), row.leaseUntil?.getTime() ?? 0);
  // A moment later than that, so that clocks that differ a little do not make it spin.
  return snooze(new Date(Math.max(until, Date.now()) + 50));
}
