import type { Database } from '@reelgate/db';
import type { TeamScope } from '../context.ts';
import { getQuota } from './list-quotas.ts';
import { findCalendar, type LimitView, listCounted } from './queries/index.ts';

export interface QuotaPreview {
  readonly quota: LimitView;
  readonly left: bigint | null;
  readonly over: boolean;
  readonly percent: number | null;
  /** At the rate of the last seven days; null where that is never, or after the reset. */
  readonly runsOutAt: Date | null;
  /** Of the videos of the open period, how many would not have fitted. */
  readonly wouldHaveRefused: number;
}

const WEEK_MS = 7 * 86_400_000;

/** What another limit would do. Changes nothing. */
export async function previewQuota(
  ctx: { db: Database; scope: TeamScope },
  id: string,
  hard: bigint | null,
): Promise<QuotaPreview> {
  const quota = await getQuota(ctx, id);
  const { now } = await findCalendar(ctx.db);
  const used = BigInt(quota.settled) + BigInt(quota.reserved);
  if (hard === null) {
    return { quota, left: null, over: false, percent: null, runsOutAt: null, wouldHaveRefused: 0 };
  }
  const room = hard + BigInt(quota.granted);
  const periodStart = quota.periodStartsAt === null ? null : new Date(quota.periodStartsAt);
  const weekAgo = new Date(now.getTime() - WEEK_MS);
  const since = periodStart && periodStart < weekAgo ? periodStart : weekAgo;
  const counted = await listCounted(ctx.db, id, periodStart === null ? null : since);
  const burn = sum(counted.filter(({ at }) => at >= weekAgo).map(({ amount }) => amount));
  const left = room > used ? room - used : 0n;
  const runsOut =
    burn === 0n || quota.metric === 'concurrent'
      ? null
      : new Date(now.getTime() + Number((left * BigInt(WEEK_MS)) / burn));
  const resets = quota.resetsAt === null ? null : new Date(quota.resetsAt);
  return {
    quota,
    left,
    over: used > room,
    percent: room === 0n ? null : Math.round(Number((used * 1000n) / room)) / 10,
    runsOutAt: runsOut && (resets === null || runsOut < resets) ? runsOut : null,
    wouldHaveRefused: countRefused(
      counted.filter(({ at }) => periodStart === null || at >= periodStart).map(({ amount }) => amount),
      room,
    ),
  };
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

function countRefused(amounts: readonly bigint[], room: bigint): number {
  let used = 0n;
  let refused = 0;
  for (const amount of amounts) {
    if (used + amount > room) refused += 1;
    else used += amount;
  }
  return refused;
}
