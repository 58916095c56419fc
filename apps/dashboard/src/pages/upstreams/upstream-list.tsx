import type { Upstream } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { admin, LIVE_MS, useAdmin, useChange } from '../../api/admin.ts';
import { Ask } from '../../ui/ask.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { formatDate, formatDuration, formatNumber, formatPercent } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { Ago, NoData } from '../../ui/values.tsx';
import { Fact } from '../videos/records.tsx';

const HEALTH = {
  healthy: { tone: 'good', icon: CircleCheck, label: 'Healthy' },
  degraded: { tone: 'warn', icon: TriangleAlert, label: 'Degraded' },
  failing: { tone: 'bad', icon: CircleAlert, label: 'Failing' },
  unknown: { tone: 'plain', icon: CircleHelp, label: 'Not asked lately' },
} as const;

/** What each state means for the videos that are there, as a question before it is set. */
const STATES = {
  active: { action: 'Enable', question: 'It gets new videos again.' },
  draining: {
    action: 'Drain',
    question: 'It gets no new videos; those that it has are followed to their end and archived.',
  },
  disabled: {
    action: 'Disable',
    question:
      'It is not asked for anything any more. Videos that it still renders are not looked at, and may be lost: drain it instead where that matters.',
  },
} as const;

/** One that is out of credit is enabled again too, though it never was disabled. */
function actionOf(state: Upstream['state'], upstream: Upstream): string {
  return state === upstream.state ? 'Resume' : STATES[state].action;
}

export function UpstreamList() {
  const upstreams = useAdmin('/upstreams', {}, { refetchInterval: LIVE_MS });
  if (upstreams.error) {
    return <ErrorState error={upstreams.error} onRetry={() => void upstreams.refetch()} />;
  }
  if (!upstreams.data) return <SkeletonRows />;
  if (upstreams.data.data.length === 0) {
    return (
      <Panel>
        <EmptyState title="No upstreams" code="$EDITOR infra/reelgate.yaml">
          The configuration file names them.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
      {upstreams.data.data.map((upstream) => (
        <UpstreamPanel key={upstream.id} upstream={upstream} />
      ))}
    </div>
  );
}

function UpstreamPanel({ upstream }: { upstream: Upstream }) {
  const [asked, setAsked] = useState<Upstream['state'] | null>(null);
  const set = useChange(
    (change: { state: Upstream['state']; reason: string }) =>
      admin.post('/upstreams/{upstream_id}/state', { params: { upstream_id: upstream.id }, body: change }),
    { quiet: true, done: ({ id, state }) => `${id} is ${state}.` },
  );
  const { tone, icon, label } = HEALTH[upstream.health];
  const others = (['active', 'draining', 'disabled'] as const).filter(
    (state) => state !== upstream.state || (state === 'active' && upstream.out_of_credit),
  );
  return (
    <Panel
      title={upstream.id}
      note={upstream.kind}
      actions={others.map((state) => (
        <Button key={state} small onClick={() => setAsked(state)}>
          {actionOf(state, upstream)}
        </Button>
      ))}
    >
      <p className="mb-3 flex flex-wrap items-center gap-1.5">
        <Badge tone={tone} icon={icon}>
          {label}
        </Badge>
        {upstream.state !== 'active' && (
          <Badge tone="warn" title={upstream.state_reason ?? undefined}>
            {upstream.state}
            {upstream.state_reason && `: ${upstream.state_reason}`}
          </Badge>
        )}
        {upstream.breaker.state !== 'closed' && (
          <Badge tone="bad" title={upstream.breaker.reason ?? undefined}>
            <span>
              {upstream.out_of_credit ? 'Out of credit, new videos refused' : 'Calls held back'}
              {upstream.breaker.until && (
                <>
                  {' '}
                  until <Ago at={upstream.breaker.until} />
                </>
              )}
            </span>
          </Badge>
        )}
        {upstream.shutdown_at && <Badge tone="warn">Shuts down {formatDate(upstream.shutdown_at)}</Badge>}
      </p>
      <dl className="grid items-baseline gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[max-content_minmax(0,1fr)]">
        <Fact name="Address">
          <code className="break-all font-mono text-xs">{upstream.base_url}</code>
        </Fact>
        <Fact name="In flight">
          <Link
            to="/videos"
            search={{ upstream: upstream.id, state: 'rendering' }}
            className="underline-offset-4 hover:underline"
          >
            {formatNumber(upstream.in_flight)} / {upstream.in_flight_limit ?? '∞'}
          </Link>
          {upstream.waiting > 0 && (
            <span className="text-ink-soft">, {formatNumber(upstream.waiting)} waiting</span>
          )}
        </Fact>
        <Fact name="Success, 24 hours">
          {upstream.success_rate_last_24_hours === null ? (
            <NoData />
          ) : (
            formatPercent(upstream.success_rate_last_24_hours)
          )}
        </Fact>
        <Fact name="Renders in">
          {upstream.p50_seconds === null ? (
            <NoData />
          ) : (
            `${formatDuration(upstream.p50_seconds)}, p95 ${upstream.p95_seconds === null ? '–' : formatDuration(upstream.p95_seconds)}`
          )}
        </Fact>
        <Fact name="Errors, last hour">
          {upstream.errors_last_hour.length === 0
            ? 'None'
            : upstream.errors_last_hour
                .map((error) => `${error.class} ${formatNumber(error.count)}`)
                .join(', ')}
        </Fact>
        <Fact name="Listed">
          <Ago at={upstream.last_listed_at} />
          {Math.abs(upstream.clock_skew_ms) > 1_000 && (
            <span className="text-warn">
              {' '}
              its clock is off by {formatDuration(Math.abs(upstream.clock_skew_ms) / 1000)}
            </span>
          )}
        </Fact>
        <Fact name="Models">
          <span className="flex flex-wrap gap-1">
            {upstream.models.map((model) => (
              <Badge key={model}>{model}</Badge>
            ))}
          </span>
        </Fact>
      </dl>
      <Ask
        open={asked !== null}
        onClose={() => setAsked(null)}
        title={asked ? `${actionOf(asked, upstream)} ${upstream.id}?` : ''}
        action={asked ? actionOf(asked, upstream) : ''}
        danger={asked === 'disabled'}
        reason
        onConfirm={(reason) => set.mutateAsync({ state: asked ?? 'active', reason })}
      >
        {asked && STATES[asked].question}
      </Ask>
    </Panel>
  );
}
