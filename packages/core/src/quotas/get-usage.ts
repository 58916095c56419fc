import type { Database } from '@reelgate/db';
import type { TeamScope } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { findCalendar, sumSpend, type UsageFilter, type UsageGroup, type UsageRow } from './queries/index.ts';

export interface UsageQuestion extends Omit<UsageFilter, 'from' | 'until'> {
  /** The beginning of the month, where absent. */
  readonly from?: Date | undefined;
  /** Now, where absent. */
  readonly until?: Date | undefined;
  readonly groupBy?: readonly UsageGroup[] | undefined;
}

export interface Usage {
  readonly from: Date;
  readonly until: Date;
  readonly timeZone: string;
  readonly groupBy: readonly UsageGroup[];
  readonly rows: readonly UsageRow[];
  /** Of all that matches, also where there are more rows than are shown. */
  readonly total: UsageRow;
  readonly truncated: boolean;
}

/** What was spent, by any grouping: the same that the quotas enforce. */
export async function getUsage(
  ctx: { db: Database; scope: TeamScope },
  { from, until, groupBy = [], ...filter }: UsageQuestion,
  maxRows = 10_000,
): Promise<Usage> {
  if (groupBy.includes('tag') && filter.tagKey === undefined) {
    throw new ReelgateError('missing_required_parameter', 'Name the label to group by.', {
      param: 'tag_key',
    });
  }
  const calendar = await findCalendar(ctx.db);
  const range = { from: from ?? calendar.monthStart, until: until ?? calendar.now };
  const rows =
    groupBy.length === 0
      ? []
      : await sumSpend(ctx.db, ctx.scope, { ...filter, ...range }, groupBy, maxRows + 1);
  const [total] = await sumSpend(ctx.db, ctx.scope, { ...filter, ...range }, [], 1);
  if (!total) throw new Error('a sum that has no row');
  return {
    ...range,
    timeZone: calendar.timeZone,
    groupBy,
    rows: rows.slice(0, maxRows),
    total,
    truncated: rows.length > maxRows,
  };
}
