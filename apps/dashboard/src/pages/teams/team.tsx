import type { Team } from '@reelgate/contract/admin';
import { Link, useParams } from '@tanstack/react-router';
import { Snowflake } from 'lucide-react';
import type { ReactNode } from 'react';
import { LIVE_MS, useAdmin } from '../../api/admin.ts';
import { CumulativeSpend, DailySpend } from '../../charts/spend-charts.tsx';
import { periodOf, useRange } from '../../shell/time-range.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Id } from '../../ui/copy.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { formatDateTime, formatNumber } from '../../ui/format.ts';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { Ago, Money, NoData } from '../../ui/values.tsx';
import { BudgetBar, describeBudget, RunsOut } from './budget.tsx';
import { Grants } from './grants.tsx';
import { Members } from './members.tsx';
import { Quotas } from './quotas.tsx';
import { Requests } from './requests.tsx';
import { TeamActions } from './team-actions.tsx';
import { TopUsage } from './top-usage.tsx';

export default function TeamPage() {
  const { teamId } = useParams({ from: '/inside/teams/$teamId' });
  const period = periodOf(useRange());
  const team = useAdmin('/teams/{team_id}', { params: { team_id: teamId } }, { refetchInterval: LIVE_MS });
  const spend = useAdmin('/series/spend', { query: { ...period, team_id: teamId, group_by: 'model' } });
  if (team.error) return <ErrorState error={team.error} onRetry={() => void team.refetch()} />;
  if (!team.data) return <SkeletonRows rows={10} />;
  const { data } = team;
  return (
    <>
      <PageHeader
        title={data.name}
        note={
          <span className="flex flex-wrap items-center gap-2">
            <Id id={data.id} />
            {data.state === 'frozen' && (
              <>
                <Badge tone="info" icon={Snowflake}>
                  Frozen
                </Badge>
                <span className="min-w-0 break-words">
                  by {data.frozen_by?.name}, <Ago at={data.frozen_at} />: {data.frozen_reason}
                </span>
              </>
            )}
          </span>
        }
        actions={<TeamActions team={data} />}
      />
      <div className="space-y-3">
        <BudgetPanel team={data} />
        <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
          <DailySpend spend={spend.data} error={spend.error} />
          <CumulativeSpend spend={spend.data} error={spend.error} />
        </div>
        <div className="grid grid-cols-1 gap-3 lg:grid-cols-3">
          <TopUsage title="Keys" group="key" teamId={teamId} period={period} />
          <TopUsage title="Models" group="model" teamId={teamId} period={period} />
          <TopUsage title="Labels" group="tag" teamId={teamId} period={period} />
        </div>
        <Quotas team={data} />
        <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
          <Grants teamId={teamId} />
          <Requests teamId={teamId} title="Requests for more" />
        </div>
        <Members team={data} />
      </div>
    </>
  );
}

function BudgetPanel({ team }: { team: Team }) {
  const { budget } = team;
  return (
    <Panel title="Budget" note={budget ? `a ${budget.window}, in ${budget.time_zone}` : undefined}>
      {budget ? (
        <>
          <BudgetBar budget={budget} tall />
          <p className="sr-only">{describeBudget(budget)}</p>
        </>
      ) : (
        <EmptyState
          small
          title="No budget"
          code={`npm run reelgate -- quota set --team ${team.name} --metric cost --window month --hard 250`}
        >
          Without a limit for cost nothing that this team makes is refused for its price.
        </EmptyState>
      )}
      <dl className="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4 lg:grid-cols-8">
        <Fact name="Used">
          <Money value={budget?.used_micro_usd} />
        </Fact>
        <Fact name="Reserved">
          <Money value={budget?.reserved_micro_usd} />
        </Fact>
        <Fact name="Left">
          <Money value={budget?.left_micro_usd} />
        </Fact>
        <Fact name="A day">
          <Money value={budget?.burn_per_day_micro_usd} />
        </Fact>
        <Fact name="Runs out">{budget ? <RunsOut budget={budget} /> : <NoData />}</Fact>
        <Fact name="Resets">
          {budget?.resets_at ? (
            <span title={formatDateTime(budget.resets_at)}>
              <Ago at={budget.resets_at} />
            </span>
          ) : (
            <NoData title="Never" />
          )}
        </Fact>
        <Fact name="Running">
          <Link
            to="/videos"
            search={{ team: team.id, status: 'queued,in_progress' }}
            className="underline-offset-4 hover:underline"
          >
            {formatNumber(team.active_videos)} / {team.concurrency_limit ?? '∞'}
          </Link>
        </Fact>
        <Fact name="Keys">
          <Link to="/keys" search={{ team: team.id }} className="underline-offset-4 hover:underline">
            {formatNumber(team.keys)}
          </Link>
        </Fact>
      </dl>
    </Panel>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-ink-faint text-xs">{name}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}
