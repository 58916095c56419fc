import type { AdminContext } from '../context.ts';
import { narrowTo } from './narrow-to.ts';
import {
  findMonth,
  listDays,
  listSpendByDay,
  type SpendFilter,
  type SpendGroup,
  type SpendOfDay,
  sumTeamLimits,
} from './queries/spend.ts';

/** The largest have a series of their own; the others share one. */
const SERIES = 8;

export interface SpendSeries {
  readonly timeZone: string;
  readonly days: readonly string[];
  /** Largest first. An id of null is everything beyond the largest, or without a value. */
  readonly series: readonly {
    readonly id: string | null;
    readonly name: string;
    readonly microUsd: readonly bigint[];
  }[];
  readonly budgetMicroUsd: bigint | null;
}

/** What each day has cost, in the organization's days. Without a period: the month so far. */
export async function getSpendSeries(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  filter: Partial<SpendFilter>,
  group: { readonly by: SpendGroup; readonly tagKey: string | undefined },
): Promise<SpendSeries> {
  const { db } = ctx;
  const month = await findMonth(db);
  const scope = narrowTo(ctx.scope, filter.teamId);
  const period = { ...filter, from: filter.from ?? month.from, to: filter.to ?? month.now };
  const days = await listDays(db, period, month.timeZone);
  const rows = await listSpendByDay(db, scope, period, { ...group, timeZone: month.timeZone });
  const budget =
    scope === 'all' && month.limitMicroUsd !== null ? month.limitMicroUsd : await sumTeamLimits(db, scope);
  return { timeZone: month.timeZone, days, series: seriesOf(days, rows), budgetMicroUsd: budget };
}

function seriesOf(days: readonly string[], rows: readonly SpendOfDay[]): SpendSeries['series'] {
  const place = new Map(days.map((day, index) => [day, index]));
  const byId = new Map<
    string | null,
    { id: string | null; name: string; microUsd: bigint[]; total: bigint }
  >();
  const seriesFor = (id: string | null, name: string) => {
    const known = byId.get(id) ?? { id, name, microUsd: days.map(() => 0n), total: 0n };
    byId.set(id, known);
    return known;
  };
  for (const { day, id, name, settledMicroUsd } of rows) {
    const index = place.get(day);
    if (index === undefined) continue;
    const one = seriesFor(id, name);
    one.microUsd[index] = (one.microUsd[index] ?? 0n) + settledMicroUsd;
    one.total += settledMicroUsd;
  }
  const sorted = [...byId.values()].sort((a, b) => (a.total < b.total ? 1 : a.total > b.total ? -1 : 0));
  const rest = sorted.slice(SERIES);
  if (rest.length === 0) return sorted;
  const other = {
    id: null,
    name: 'Others',
    microUsd: days.map((_, index) => rest.reduce((sum, one) => sum + (one.microUsd[index] ?? 0n), 0n)),
  };
  return [...sorted.slice(0, SERIES), other];
}
