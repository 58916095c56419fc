import type { SpendSeries } from '@reelgate/contract/admin';
import { formatDate, formatMoney, formatShortMoney } from '../ui/format.ts';
import { ChartFrame } from './chart-frame.tsx';
import type { Point } from './charts.tsx';
import { CumulativeLine, StackedBars } from './lazy-charts.ts';

const money = {
  formatValue: (value: number) => formatMoney(Math.round(value)),
  formatAxis: (value: number) => formatShortMoney(value),
  formatAt: formatDate,
};
const NOTHING = 'Nothing was spent in this time.';

interface SpendProps {
  readonly spend: SpendSeries | undefined;
  readonly error?: unknown;
  readonly actions?: React.ReactNode;
}

/** What each day has cost, by team, model or whatever else is asked for. */
export function DailySpend({ spend, error, actions }: SpendProps) {
  const series = spend?.series ?? [];
  const isSpent = series.some((one) => one.spent_micro_usd.some((amount) => Number(amount) > 0));
  const points = spend?.days.map(
    (at, day) =>
      ({
        at,
        ...Object.fromEntries(
          series.map((one, index) => [`s${index}`, Number(one.spent_micro_usd[day] ?? 0)]),
        ),
      }) as Point,
  );
  return (
    <ChartFrame
      title="Daily spend"
      error={error}
      actions={actions}
      empty={spend && !isSpent ? NOTHING : undefined}
      numbers={
        spend && {
          head: ['Day', ...series.map(({ name }) => name)],
          rows: spend.days.map((day, index) => [
            day,
            ...series.map((one) => formatMoney(one.spent_micro_usd[index] ?? '0')),
          ]),
        }
      }
    >
      {points && (
        <StackedBars
          points={points}
          names={series.map(({ name }) => name)}
          colours={series.map(({ id }, index) =>
            id === null ? 'var(--line-strong)' : `var(--chart-${(index % 8) + 1})`,
          )}
          {...money}
        />
      )}
    </ChartFrame>
  );
}

interface CumulativeProps extends SpendProps {
  /** The forecast for the end of the month, where this month is shown. */
  readonly forecast?: { readonly total: string; readonly endsAt: string } | null;
  readonly note?: React.ReactNode;
}

/** All days together against the budget, and where it leads. */
export function CumulativeSpend({ spend, error, forecast, note }: CumulativeProps) {
  const days = spend?.days ?? [];
  const last = days.length - 1;
  const points: Point[] = days.map((at, day) => ({
    at,
    s0: Number(spend?.cumulative_micro_usd[day] ?? 0),
    s1: day === last && forecast ? Number(spend?.cumulative_micro_usd[day] ?? 0) : null,
  }));
  if (forecast && days.length > 0)
    points.push(
      ...daysUntil(days[last] ?? '', forecast.endsAt, points.at(-1)?.s0 ?? 0, Number(forecast.total)),
    );
  const budget = spend?.budget_micro_usd ?? null;
  return (
    <ChartFrame
      title="Spend against budget"
      note={note}
      error={error}
      empty={spend && Number(spend.cumulative_micro_usd.at(-1) ?? 0) === 0 ? NOTHING : undefined}
      numbers={
        spend && {
          head: ['Day', 'Spent until then'],
          rows: days.map((day, index) => [day, formatMoney(spend.cumulative_micro_usd[index] ?? '0')]),
        }
      }
    >
      <CumulativeLine
        points={points}
        names={['Spent', 'As it goes on']}
        limit={budget === null ? null : Number(budget)}
        limitLabel={budget === null ? '' : `Budget ${formatMoney(budget)}`}
        {...money}
      />
    </ChartFrame>
  );
}

const DAY_MS = 86_400_000;

/** A straight line from today to the end, a point for each day. */
function daysUntil(from: string, endsAt: string, now: number, total: number): Point[] {
  const start = Date.parse(`${from}T00:00:00Z`);
  const count = Math.min(62, Math.max(0, Math.floor((Date.parse(endsAt) - start - 1) / DAY_MS)));
  return Array.from({ length: count }, (_, index) => ({
    at: new Date(start + (index + 1) * DAY_MS).toISOString().slice(0, 10),
    s0: null,
    s1: now + ((total - now) * (index + 1)) / count,
  }));
}
