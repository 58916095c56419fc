import type { Team } from '@reelgate/contract/admin';
import { formatDate, formatDateTime, formatMoney } from '../../ui/format.ts';
import { QuotaBar } from '../../ui/quota-bar.tsx';
import { NoData } from '../../ui/values.tsx';

export type Budget = NonNullable<Team['budget']>;

/** What a budget has seen, in words. */
export function describeBudget({ used_micro_usd, reserved_micro_usd, limit_micro_usd }: Budget): string {
  const limit = limit_micro_usd === null ? ', no limit' : ` of ${formatMoney(limit_micro_usd)}`;
  return `${formatMoney(used_micro_usd)} used, ${formatMoney(reserved_micro_usd)} reserved${limit}`;
}

export function BudgetBar({ budget, tall = false }: { budget: Budget; tall?: boolean }) {
  return (
    <QuotaBar
      tall={tall}
      used={Number(budget.used_micro_usd)}
      reserved={Number(budget.reserved_micro_usd)}
      limit={budget.limit_micro_usd === null ? null : Number(budget.limit_micro_usd)}
      label={describeBudget(budget)}
    />
  );
}

/** The day on which it is used up, if it goes on like this and does not begin anew before. */
export function RunsOut({ budget }: { budget: Budget }) {
  const { limit_micro_usd: limit, left_micro_usd: left, runs_out_at } = budget;
  if (limit !== null && left !== null && BigInt(left) <= 0n)
    return <span className="font-medium text-bad">used up</span>;
  if (!runs_out_at) return <NoData title="Not before the reset" />;
  return (
    <span className="font-medium text-warn" title={formatDateTime(runs_out_at)}>
      {formatDate(runs_out_at)}
    </span>
  );
}
