import type { AdminContext } from '../context.ts';
import { narrowTo } from './narrow-to.ts';
import {
  type Activity,
  countActive,
  type LastDay,
  listAtRisk,
  measureStorage,
  summarizeLastDay,
  type VideoAtRisk,
} from './queries/activity.ts';
import { type Attention, listAttention } from './queries/attention.ts';
import { findMonth, sumSpend, sumTeamLimits } from './queries/spend.ts';

const SHOWN_AT_RISK = 20;
const DAY_MS = 86_400_000;

export interface Overview {
  readonly now: Date;
  readonly month: {
    readonly from: Date;
    readonly to: Date;
    readonly timeZone: string;
    readonly settledMicroUsd: bigint;
    readonly reservedMicroUsd: bigint;
    /** At the rate of the month so far; null on its first day. */
    readonly forecastMicroUsd: bigint | null;
    readonly budgetMicroUsd: bigint | null;
    /** When the budget is gone at the rate of the last seven days, where that is before the month ends. */
    readonly runsOutAt: Date | null;
    readonly videos: number;
  };
  readonly active: Activity;
  readonly lastDay: LastDay;
  readonly atRisk: readonly VideoAtRisk[];
  readonly storage: { readonly bytes: number; readonly videos: number };
  readonly attention: readonly Attention[];
}

/** Everything in one look: of all teams in the scope, or of one of them. */
export async function getOverview(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  teamId?: string | undefined,
): Promise<Overview> {
  const { db } = ctx;
  const scope = narrowTo(ctx.scope, teamId);
  const { now, from, to, timeZone, limitMicroUsd } = await findMonth(db);
  const spent = await sumSpend(db, scope, { from, to: now });
  const lately = await sumSpend(db, scope, { from: new Date(now.getTime() - 7 * DAY_MS), to: now });
  const budget = scope === 'all' && limitMicroUsd !== null ? limitMicroUsd : await sumTeamLimits(db, scope);
  const taken = spent.settledMicroUsd + spent.reservedMicroUsd;
  const perDay = (lately.settledMicroUsd + lately.reservedMicroUsd) / 7n;
  return {
    now,
    month: {
      from,
      to,
      timeZone,
      settledMicroUsd: spent.settledMicroUsd,
      reservedMicroUsd: spent.reservedMicroUsd,
      forecastMicroUsd: forecast(taken, { from, to, now }),
      budgetMicroUsd: budget,
      runsOutAt: budget === null ? null : runsOutAt(budget - taken, perDay, { to, now }),
      videos: spent.videos,
    },
    active: await countActive(db, scope),
    lastDay: await summarizeLastDay(db, scope),
    atRisk: await listAtRisk(db, scope, SHOWN_AT_RISK),
    storage: await measureStorage(db, scope),
    attention: await listAttention(db, scope),
  };
}

function forecast(taken: bigint, { from, to, now }: { from: Date; to: Date; now: Date }): bigint | null {
  const elapsedMs = now.getTime() - from.getTime();
  if (elapsedMs < DAY_MS) return null;
  return (taken * BigInt(to.getTime() - from.getTime())) / BigInt(elapsedMs);
}

function runsOutAt(left: bigint, perDay: bigint, { to, now }: { to: Date; now: Date }): Date | null {
  if (left <= 0n) return now;
  if (perDay <= 0n) return null;
  const at = new Date(now.getTime() + Number((left * BigInt(DAY_MS)) / perDay));
  return at < to ? at : null;
}
