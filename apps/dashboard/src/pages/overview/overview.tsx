import { useNavigate, useSearch } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { LIVE_MS, useAdmin } from '../../api/admin.ts';
import { ChartFrame } from '../../charts/chart-frame.tsx';
import type { Point } from '../../charts/charts.tsx';
import { durationTicks } from '../../charts/duration-ticks.ts';
import { Lines, StackedAreas } from '../../charts/lazy-charts.ts';
import { CumulativeSpend, DailySpend } from '../../charts/spend-charts.tsx';
import { periodOf, useRange } from '../../shell/time-range.tsx';
import { EmptyState, ErrorState, Skeleton, SkeletonRows } from '../../ui/feedback.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import {
  formatDate,
  formatDuration,
  formatNumber,
  formatShortDuration,
  formatShortNumber,
  formatShortTime,
} from '../../ui/format.ts';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { AttentionList } from './attention.tsx';
import { AtRisk, Figures } from './figures.tsx';

const GROUPS = {
  team: 'by team',
  model: 'by model',
  upstream: 'by upstream',
  key: 'by key',
  operation: 'by operation',
  tag: 'by label',
} as const;
type Group = keyof typeof GROUPS;

const STATUS_COLOURS: Readonly<Record<string, string>> = {
  completed: 'var(--chart-3)',
  failed: 'var(--bad)',
  in_progress: 'var(--chart-1)',
  queued: 'var(--chart-8)',
};

export default function OverviewPage() {
  const range = useRange();
  const period = periodOf(range);
  const { group = 'team', tag = '' } = useSearch({ from: '/inside/' });
  const groupBy: Group = group in GROUPS ? (group as Group) : 'team';
  const overview = useAdmin('/overview', {}, { refetchInterval: LIVE_MS });
  const spend = useAdmin(
    '/series/spend',
    { query: { ...period, group_by: groupBy, ...(groupBy === 'tag' && { tag_key: tag }) } },
    { enabled: groupBy !== 'tag' || tag !== '' },
  );
  const statuses = useAdmin('/series/status', { query: period });
  const latency = useAdmin('/series/latency', { query: period });
  const month = overview.data?.month;
  const isThisMonth = range.range === undefined && range.from === undefined;
  return (
    <>
      <PageHeader title="Overview" />
      {overview.error && <ErrorState error={overview.error} onRetry={() => void overview.refetch()} />}
      <div className="space-y-3">
        {overview.data ? <Figures overview={overview.data} /> : <FiguresSkeleton />}
        <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
          <DailySpend
            spend={spend.data}
            error={spend.error}
            actions={<GroupChoice group={groupBy} tag={tag} />}
          />
          <CumulativeSpend
            spend={spend.data}
            error={spend.error}
            forecast={
              isThisMonth && month?.forecast_micro_usd
                ? { total: month.forecast_micro_usd, endsAt: month.to }
                : null
            }
            note={month?.runs_out_at && isThisMonth ? `Ends on ${formatDate(month.runs_out_at)}` : undefined}
          />
        </div>
        <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
          <Panel
            flush
            title="Needs attention"
            note={
              overview.data && overview.data.attention.length > 0
                ? `${overview.data.attention.length}`
                : undefined
            }
          >
            {!overview.data ? (
              <SkeletonRows rows={4} />
            ) : overview.data.attention.length === 0 ? (
              <EmptyState small title="Nothing needs you">
                <span className="inline-flex items-center gap-1.5">
                  <CircleCheck aria-hidden className="size-4 text-good" /> Budgets, upstreams, webhooks and
                  the ledger are in order.
                </span>
              </EmptyState>
            ) : (
              <AttentionList rows={overview.data.attention} />
            )}
          </Panel>
          <Panel flush title="Videos at risk" note="Rendered and paid for, not yet in the archive">
            {!overview.data ? (
              <SkeletonRows rows={4} />
            ) : overview.data.at_risk.length === 0 ? (
              <EmptyState small title="None">
                Every finished video is in the archive.
              </EmptyState>
            ) : (
              <AtRisk videos={overview.data.at_risk} />
            )}
          </Panel>
        </div>
        <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
          <ChartFrame
            title="Videos by hour"
            note="by the hour they were accepted in"
            error={statuses.error}
            empty={
              statuses.data?.series.every(({ videos }) => videos.every((n) => n === 0))
                ? 'No videos in this time.'
                : undefined
            }
            numbers={
              statuses.data && {
                head: ['Hour', ...statuses.data.series.map(({ status }) => status)],
                rows: statuses.data.hours.map((hour, index) => [
                  formatShortTime(hour),
                  ...(statuses.data?.series.map(({ videos }) => formatNumber(videos[index] ?? 0)) ?? []),
                ]),
              }
            }
          >
            {statuses.data && (
              <StackedAreas
                points={statuses.data.hours.map(
                  (at, hour) =>
                    ({
                      at,
                      ...Object.fromEntries(
                        statuses.data?.series.map(({ videos }, index) => [`s${index}`, videos[hour] ?? 0]) ??
                          [],
                      ),
                    }) as Point,
                )}
                names={statuses.data.series.map(({ status }) => status.replaceAll('_', ' '))}
                colours={statuses.data.series.map(({ status }) => STATUS_COLOURS[status] ?? 'var(--chart-8)')}
                formatValue={formatNumber}
                formatAxis={formatShortNumber}
                formatAt={formatShortTime}
                formatTick={tickOf(statuses.data.hours)}
              />
            )}
          </ChartFrame>
          <ChartFrame
            title="Time to ready"
            note="from accepted to in the archive"
            error={latency.error}
            empty={
              latency.data?.videos.every((n) => n === 0) ? 'No videos got ready in this time.' : undefined
            }
            numbers={
              latency.data && {
                head: ['Hour', 'p50', 'p95', 'p99', 'Videos'],
                rows: latency.data.hours.map((hour, index) => [
                  formatShortTime(hour),
                  ...[latency.data?.p50_seconds, latency.data?.p95_seconds, latency.data?.p99_seconds].map(
                    (list) => {
                      const seconds = list?.[index] ?? null;
                      return seconds === null ? '–' : formatDuration(seconds);
                    },
                  ),
                  formatNumber(latency.data?.videos[index] ?? 0),
                ]),
              }
            }
          >
            {latency.data && (
              <Lines
                points={latency.data.hours.map((at, hour) => ({
                  at,
                  s0: latency.data?.p50_seconds[hour] ?? null,
                  s1: latency.data?.p95_seconds[hour] ?? null,
                  s2: latency.data?.p99_seconds[hour] ?? null,
                }))}
                names={['p50', 'p95', 'p99']}
                // The rarest goes behind the others, so it stands back.
                colours={['var(--chart-1)', 'var(--chart-2)', 'var(--line-strong)']}
                formatValue={formatDuration}
                formatAxis={formatShortDuration}
                formatAt={formatShortTime}
                formatTick={tickOf(latency.data.hours)}
                ticks={durationTicks(Math.max(0, ...latency.data.p99_seconds.map((seconds) => seconds ?? 0)))}
              />
            )}
          </ChartFrame>
        </div>
      </div>
    </>
  );
}

/** Over days, a mark says which day. */
const tickOf = (hours: readonly string[]) => (hours.length > 72 ? formatDate : formatShortTime);

function GroupChoice({ group, tag }: { group: Group; tag: string }) {
  const navigate = useNavigate({ from: '/' });
  return (
    <>
      {group === 'tag' && (
        <TextField
          label="Label"
          labelHidden
          placeholder="label, e.g. campaign"
          defaultValue={tag}
          className="w-36"
          onBlur={(event) => void navigate({ search: (before) => ({ ...before, tag: event.target.value }) })}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
      )}
      <SelectField
        label="Group daily spend"
        labelHidden
        value={group}
        onChange={(event) =>
          void navigate({ search: (before) => ({ ...before, group: event.target.value }), replace: true })
        }
      >
        {Object.entries(GROUPS).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
    </>
  );
}

function FiguresSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="grid grid-cols-2 gap-3 lg:grid-cols-4 xl:grid-cols-5">
      {Array.from({ length: 5 }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: boxes without identity
        <div key={index} className="rounded-lg border bg-panel p-4">
          <Skeleton className="w-24" />
          <Skeleton className="mt-2 h-7 w-32" />
          <Skeleton className="mt-3 w-full" />
        </div>
      ))}
    </div>
  );
}
