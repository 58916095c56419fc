import { clsx } from 'clsx';
import { useEffect, useState } from 'react';
import {
  formatAgo,
  formatDateTime,
  formatExactMoney,
  formatMoney,
  type MicroUsd,
  type Moment,
  toDate,
} from './format.ts';

/** Money, rounded to the cent, exact on hover. Null is "no data", which is not zero. */
export function Money({ value, className }: { value: MicroUsd | null | undefined; className?: string }) {
  if (value === null || value === undefined) return <NoData />;
  return (
    <span className={clsx('tabular-nums', className)} title={formatExactMoney(value)}>
      {formatMoney(value)}
    </span>
  );
}

export function NoData({ title = 'No data' }: { title?: string }) {
  return (
    <span className="text-ink-faint" title={title}>
      <span aria-hidden>–</span>
      <span className="sr-only">{title}</span>
    </span>
  );
}

const TICK_MS = 15_000;

/** How long ago, exact on hover, kept current. */
export function Ago({ at }: { at: Moment | null | undefined }) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  if (at === null || at === undefined) return <NoData />;
  return (
    <time dateTime={toDate(at).toISOString()} title={formatDateTime(at)} className="whitespace-nowrap">
      {formatAgo(at, now)}
    </time>
  );
}
