import type { Overview } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import {
  formatBytes,
  formatDate,
  formatDuration,
  formatMoney,
  formatNumber,
  formatPercent,
} from '../../ui/format.ts';
import { QuotaBar } from '../../ui/quota-bar.tsx';
import { Ago, Money, NoData } from '../../ui/values.tsx';

/** The figures on top: each leads to the rows behind it. */
export function Figures({ overview }: { overview: Overview }) {
  const { month, active, last_24_hours: day, at_risk, storage } = overview;
  const running = active.waiting + active.queued + active.running + active.archiving;
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-3 xl:grid-cols-[2fr_1fr_1fr_1fr_1fr]">
      <Spend month={month} />
      <Figure
        label="Active videos"
        to="/videos"
        search={{ status: 'queued,in_progress' }}
        value={formatNumber(running)}
        note={`${active.waiting} waiting · ${active.queued} queued · ${active.running} running · ${active.archiving} archiving`}
      />
      <Figure
        label="Success, 24 h"
        to="/videos"
        search={{ status: 'failed', range: '24h' }}
        value={day.success_rate === null ? <NoData /> : formatPercent(day.success_rate)}
        note={`${formatNumber(day.completed)} completed · ${formatNumber(day.failed)} failed`}
      />
      <Figure
        label="Time to ready, 24 h"
        className="max-lg:col-span-2"
        to="/videos"
        search={{ status: 'completed', range: '24h' }}
        value={day.p50_seconds_to_ready === null ? <NoData /> : formatDuration(day.p50_seconds_to_ready)}
        note={
          day.p95_seconds_to_ready === null
            ? 'p95: no data'
            : `p95 ${formatDuration(day.p95_seconds_to_ready)}`
        }
      />
      <div className="col-span-2 grid gap-3 max-sm:gap-1.5 sm:grid-cols-3 lg:col-span-3 xl:col-span-1 xl:grid-cols-1 xl:gap-1.5">
        <Small
          label="At risk"
          to="/videos"
          search={{ state: 'archiving' }}
          value={formatNumber(at_risk.length)}
          bad={at_risk.length > 0}
          title="Completed at the upstream, not yet in the archive"
        />
        <Small
          label="Webhooks failing"
          to="/webhooks"
          value={day.webhook_failure_rate === null ? <NoData /> : formatPercent(day.webhook_failure_rate)}
          bad={(day.webhook_failure_rate ?? 0) > 0.05}
          title={`${formatNumber(day.webhook_attempts)} attempts in 24 hours`}
        />
        <Small
          label="Stored"
          to="/library"
          value={formatBytes(storage.bytes)}
          title={`${formatNumber(storage.videos)} videos`}
        />
      </div>
    </div>
  );
}

function Spend({ month }: { month: Overview['month'] }) {
  const { spent_micro_usd: spent, reserved_micro_usd: reserved, budget_micro_usd: budget } = month;
  const forecast = month.forecast_micro_usd;
  const words = `${formatMoney(spent)} spent, ${formatMoney(reserved)} reserved${budget === null ? '' : ` of ${formatMoney(budget)}`}`;
  return (
    <Link
      to="/teams"
      className="col-span-2 block rounded-lg border bg-panel p-4 hover:border-line-strong lg:col-span-3 xl:col-span-1"
    >
      <p className="text-ink-faint text-xs">
        Spent this month <span className="font-normal">({month.time_zone})</span>
      </p>
      <p className="mt-0.5 flex flex-wrap items-baseline gap-x-2">
        <Money value={spent} className="font-semibold text-2xl tracking-tight" />
        <span className="text-ink-soft text-sm">
          {budget === null ? 'no budget set' : `of ${formatMoney(budget)}`}
        </span>
      </p>
      <div className="my-2.5">
        <QuotaBar
          tall
          used={Number(spent)}
          reserved={Number(reserved)}
          limit={budget === null ? null : Number(budget)}
          forecast={forecast === null ? null : Number(forecast)}
          label={words}
        />
      </div>
      <p className="flex flex-wrap gap-x-3 text-ink-soft text-xs">
        <span>
          <span aria-hidden className="hatched mr-1 inline-block size-2 rounded-sm [--hatch:var(--accent)]" />
          <Money value={reserved} /> reserved
        </span>
        <span>
          forecast{' '}
          {forecast === null ? <NoData title="Not before the second day" /> : <Money value={forecast} />}
        </span>
        {month.runs_out_at && (
          <span className="font-medium text-bad">budget ends {formatDate(month.runs_out_at)}</span>
        )}
        <span>{formatNumber(month.videos)} videos</span>
      </p>
    </Link>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: string;
  readonly to: '/videos' | '/webhooks' | '/library';
  readonly search?: Record<string, string>;
  readonly className?: string;
}

function Figure({ label, value, note, to, search, className }: FigureProps) {
  return (
    <Link
      to={to}
      search={search as never}
      className={clsx('block rounded-lg border bg-panel p-4 hover:border-line-strong', className)}
    >
      <p className="text-ink-faint text-xs">{label}</p>
      <p className="mt-0.5 font-semibold text-2xl tracking-tight">{value}</p>
      {note && <p className="mt-2 text-ink-soft text-xs">{note}</p>}
    </Link>
  );
}

function Small({
  label,
  value,
  to,
  search,
  bad = false,
  title,
}: FigureProps & { bad?: boolean; title: string }) {
  return (
    <Link
      to={to}
      search={search as never}
      title={title}
      className="flex flex-wrap items-baseline gap-x-2 rounded-lg border bg-panel px-3 py-2 hover:border-line-strong xl:flex-1 xl:items-center"
    >
      <span className="text-ink-faint text-xs">{label}</span>
      <span className={clsx('ml-auto font-semibold tabular-nums', bad && 'text-bad')}>
        {value}
        {bad && <span className="sr-only"> – needs attention</span>}
      </span>
    </Link>
  );
}

/** Videos that are paid for and not yet safe, by the time that is left. */
export function AtRisk({ videos }: { videos: Overview['at_risk'] }) {
  return (
    <ul className="divide-y">
      {videos.map(({ video_id, team, expires_at, cost_micro_usd }) => (
        <li key={video_id} className="flex flex-wrap items-center gap-x-3 px-4 py-2 text-sm">
          <Link
            to="/videos/$videoId"
            params={{ videoId: video_id }}
            className="font-mono text-xs underline-offset-4 hover:underline"
          >
            {video_id.slice(0, 16)}…
          </Link>
          <span className="text-ink-soft">{team.name}</span>
          <Money value={cost_micro_usd} />
          <span className="ml-auto text-bad">
            {expires_at ? <Ago at={expires_at} /> : 'no deadline known'}
          </span>
        </li>
      ))}
    </ul>
  );
}
