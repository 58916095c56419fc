import { VIDEO_STATUSES, type VideoStatus } from '@reelgate/contract';
import type { AdminContext } from '../context.ts';
import { narrowTo } from './narrow-to.ts';
import { type LatencyOfHour, listHours, listLatencyByHour, listStatusByHour } from './queries/activity.ts';
import { findMonth, type SpendFilter } from './queries/spend.ts';

const DAY_MS = 86_400_000;
/** The longest period by the hour. */
const MAX_MS = 31 * DAY_MS;

export interface StatusSeries {
  readonly hours: readonly Date[];
  readonly series: readonly { readonly status: VideoStatus; readonly videos: readonly number[] }[];
}

/** Videos by the hour in which they were accepted and the status that they have now. Without a period: the last day. */
export async function getStatusSeries(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  filter: Partial<SpendFilter>,
): Promise<StatusSeries> {
  const period = await hourly(ctx, filter);
  const scope = narrowTo(ctx.scope, filter.teamId);
  const hours = await listHours(ctx.db, period);
  const rows = await listStatusByHour(ctx.db, scope, period);
  const counts = new Map(rows.map(({ hour, status, videos }) => [`${hour.getTime()} ${status}`, videos]));
  return {
    hours,
    series: VIDEO_STATUSES.map((status) => ({
      status,
      videos: hours.map((hour) => counts.get(`${hour.getTime()} ${status}`) ?? 0),
    })),
  };
}

export interface LatencySeries {
  readonly hours: readonly Date[];
  /** Of each hour; undefined where nothing became ready. */
  readonly latencies: readonly (LatencyOfHour | undefined)[];
}

/** Seconds until videos were ready, by the hour in which they were. */
export async function getLatencySeries(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  filter: Partial<SpendFilter>,
): Promise<LatencySeries> {
  const period = await hourly(ctx, filter);
  const hours = await listHours(ctx.db, period);
  const rows = await listLatencyByHour(ctx.db, narrowTo(ctx.scope, filter.teamId), period);
  const byHour = new Map(rows.map((row) => [row.hour.getTime(), row]));
  return { hours, latencies: hours.map((hour) => byHour.get(hour.getTime())) };
}

async function hourly(ctx: Pick<AdminContext, 'db'>, filter: Partial<SpendFilter>): Promise<SpendFilter> {
  const to = filter.to ?? (await findMonth(ctx.db)).now;
  const from = filter.from ?? new Date(to.getTime() - DAY_MS);
  const earliest = new Date(to.getTime() - MAX_MS);
  return { ...filter, from: from < earliest ? earliest : from, to };
}
