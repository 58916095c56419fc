import { useAdmin } from '../../api/admin.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { Ago } from '../../ui/values.tsx';

/** What was refused in the last 30 days, and why. */
export function Refusals({ teamId }: { teamId: string }) {
  const refusals = useAdmin('/teams/{team_id}/refusals', { params: { team_id: teamId } });
  return (
    <Panel flush title="Refused" note="in the last 30 days">
      {refusals.error ? (
        <ErrorState error={refusals.error} onRetry={() => void refusals.refetch()} />
      ) : !refusals.data ? (
        <SkeletonRows rows={3} />
      ) : refusals.data.data.length === 0 ? (
        <EmptyState title="Nothing">Every video that this team asked for was accepted.</EmptyState>
      ) : (
        <ul className="divide-y">
          {refusals.data.data.map(({ code, message, count, last_at }) => (
            <li key={code} className="flex items-baseline gap-3 px-4 py-2 text-sm">
              <span className="w-12 text-right font-medium">{formatNumber(count)}</span>
              <span className="min-w-0 flex-1">
                <code className="font-mono text-xs">{code}</code>
                <span className="block truncate text-ink-soft text-xs" title={message}>
                  {message}
                </span>
              </span>
              <span className="text-ink-faint text-xs">
                <Ago at={last_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
